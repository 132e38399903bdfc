/** The built program, as people start it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { atEndOfFile } from './cleanup.ts';
import { until, within } from './wait.ts';

/** What `npm run build` made; `npm test` runs that first. */
export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of ours, and everything that it has printed so far. */
export interface Program {
  readonly child: ChildProcessWithoutNullStreams;
  readonly pid: number;
  readonly printed: { stdout: string; stderr: string };
  readonly ended: Promise<Ending>;
  /** Ends it at once, and waits for that. Does nothing to one that has ended. */
  kill(): Promise<void>;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `waxseal` with arguments. Of the environment it sees only what is given, so that no variable of ours leaks in. */
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
  // A process that was killed leaves its pipe broken, which is no fault of the test that writes to it.
  child.stdin.on('error', () => {});
  // Not "exit": only at "close" has everything been read that it printed.
  const ended = new Promise<Ending>((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
  const program: Program = {
    child,
    pid: child.pid ?? 0,
    printed,
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
  ended.then(atEndOfFile(program.kill));
  return program;
}

/** Runs `waxseal` to its end. */
export async function runProgram(args: readonly string[], options?: ProgramOptions): Promise<Ending & Program['printed']> {
  const program = startProgram(args, options);
  try {
    const ending = await within(45_000, `waxseal ${args.join(' ')} ended`, program.ended);
    return { ...ending, ...program.printed };
  } finally {
    await program.kill();
  }
}

/** A server that listens. */
export interface RunningServer extends Program {
  /** Where it serves MCP. */
  readonly url: string;
  /** The same without the path. */
  readonly origin: string;
}

/** Starts `waxseal serve` on a free port, and waits until it says where. */
export async function startServer(args: readonly string[] = [], options?: ProgramOptions): Promise<RunningServer> {
  const program = startProgram(['serve', '--port', '0', ...args], options);
  let hasEnded = false;
  program.ended.then(() => {
    hasEnded = true;
  });
  const origin = () => /Waxseal serves MCP at (http:\/\/[^/"\s]+)\/mcp/.exec(program.printed.stdout)?.[1];
  try {
    await until('the server said where it serves', () => hasEnded || origin() !== undefined);
    const found = origin();
    if (found === undefined) throw new Error(`the server ended: ${program.printed.stderr}${program.printed.stdout}`);
    return { ...program, origin: found, url: `${found}/mcp` };
  } catch (error) {
    await program.kill();
    throw error;
  }
}
