/** Processes that serve: started, waited for until they say so, and ended with all that they have started themselves. */
import { spawn } from 'node:child_process';
import { atEndOfFile } from '../support/cleanup.ts';
import { emptyFolder } from '../support/folders.ts';
import { until } from '../support/wait.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it prints once it serves. */
  readonly ready: RegExp;
}

/** A process that serves. */
export interface Served {
  /** What it has printed so far, errors too. */
  printed(): string;
  stop(): Promise<void>;
}

/** How long a runtime may take to start on a machine that is busy. Milliseconds. */
const PATIENCE_MS = 120_000;

/** Starts a command and waits until it serves. Of the environment it sees only what is given. */
export async function serving({ program, args, cwd, env = {}, ready }: Command): Promise<Served> {
  const surroundings = { PATH: process.env['PATH'] ?? '', HOME: emptyFolder(), ...env };
  // In a group of its own, for some runtimes start others.
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
      // It has ended by itself.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await ended;
  };
  ended.then(atEndOfFile(stop));
  await until(`${program} said that it serves`, () => isOver || ready.test(printed), PATIENCE_MS);
  if (isOver) throw new Error(`${program} ${args.join(' ')} ended: ${printed}`);
  return { printed: () => printed, stop };
}

/** Runs a command to its end. @throws {Error} with what it printed, where it failed */
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
