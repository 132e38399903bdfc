/** Starts the built program as users do. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { atEndOfFile } from './cleanup.ts';
import { until, within } from './wait.ts';

/** `npm run build` makes this file. `npm test` builds first. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of a test, and what it has printed so far. */
export interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly pid: number;
  readonly printed: { stdout: string; stderr: string };
  /** Waits until standard output contains the text. Tests need this, because a server can answer a call before it logs the call. */
  says(text: string): Promise<void>;
  readonly ended: Promise<Ending>;
  /** Kills the process and waits for its end. Does nothing if it has ended. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `waxseal`. It gets only PATH and the given variables, so that no other variable changes its behaviour. */
export function startProgram(args: readonly string[], { cwd, env = {} }: ProgramOptions = {}): Program {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { env: { PATH, ...env }, ...(cwd !== undefined && { cwd }) });
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text;
  });
  // Writing to a killed process fails, which must not fail the test.
  child.stdin.on('error', () => {});
  // At the event "close", everything that the process printed has been read. At "exit", it may not have been.
  const ended = new Promise<Ending>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const program: Program = {
    child,
    pid: child.pid ?? 0,
    printed,
    says: (text) => until(`the program printed ${text}`, () => printed.stdout.includes(text)),
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
  ended.then(atEndOfFile(program.kill));
  return program;
}

export async function runProgram(args: readonly string[], options?: ProgramOptions): Promise<Ending & Program['printed']> {
  const program = startProgram(args, options);
  try {
    const ending = await within(45_000, `waxseal ${args.join(' ')} ended`, program.ended);
    return { ...ending, ...program.printed };
  } finally {
    await program.kill();
  }
}

/** A running server. */
export interface RunningServer extends Program {
  /** The URL at which it serves MCP. */
  readonly url: string;
  /** Its URL without the path. */
  readonly origin: string;
}

/** Starts `waxseal serve` on a free port, and waits until it prints its address. */
export async function startServer(args: readonly string[] = [], options?: ProgramOptions): Promise<RunningServer> {
  const program = startProgram(['serve', '--port', '0', ...args], options);
  let hasEnded = false;
  program.ended.then(() => {
    hasEnded = true;
  });
  const origin = () => /Waxseal serves MCP at (http:\/\/[^/"\s]+)\/mcp/.exec(program.printed.stdout)?.[1];
  try {
    await until('the server printed its address', () => hasEnded || origin() !== undefined);
    const found = origin();
    if (found === undefined) throw new Error(`the server ended: ${program.printed.stderr}${program.printed.stdout}`);
    return { ...program, origin: found, url: `${found}/mcp` };
  } catch (error) {
    await program.kill();
    throw error;
  }
}
