/** Starts server processes, and ends them with the processes that they started. */
import { spawn } from 'node:child_process';
import { atEndOfFile } from '../support/cleanup.ts';
import { emptyFolder } from '../support/folders.ts';
import { until } from '../support/wait.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Matches the line that the command prints when the server is ready. */
  readonly ready: RegExp;
}

/** A running server process. */
export interface Served {
  /** Returns all output so far, including errors. */
  printed(): string;
  stop(): Promise<void>;
}

/** The longest time for a start on a busy machine, in milliseconds. */
const PATIENCE_MS = 120_000;

/**
 * Starts a command and waits until it is ready. The command's environment has only the given variables, `PATH` and an
 * empty home.
 */
export async function serving({ program, args, cwd, env = {}, ready }: Command): Promise<Served> {
  const surroundings = { PATH: process.env['PATH'] ?? '', HOME: emptyFolder(), ...env };
  // Some runtimes start other processes. The child leads a process group, so that `stop` can end all of them.
  const child = spawn(program, args, { cwd, env: surroundings, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let [printed, isOver] = ['', false];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      printed += error.message;
      isOver = true;
      resolve();
    });
    child.once('close', () => {
      isOver = true;
      resolve();
    });
  });
  const stop = async () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch (error) {
      // The process has ended already.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await ended;
  };
  ended.then(atEndOfFile(stop));
  await until(`${program} became ready`, () => isOver || ready.test(printed), PATIENCE_MS);
  if (isOver) throw new Error(`${program} ${args.join(' ')} ended: ${printed}`);
  return { printed: () => printed, stop };
}

/** Runs a command until it exits. @throws {Error} with the command's output, if the command fails */
export async function running(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: emptyFolder(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${printed}`);
}
