/** Standard output, errors and exit codes of the commands. */
import { once } from 'node:events';
import { printable, printableLines } from '../../scan/words.ts';
import { failureOf } from '../../server/node/failure.ts';

/** How many characters to collect before a write. */
const GATHERED = 65_536;

/** Writes lines to standard output, with escaped control characters. Waits for a slow reader. */
export async function writeLines(lines: Iterable<string>): Promise<void> {
  let gathered = '';
  for (const line of lines) {
    gathered += `${printable(line)}\n`;
    if (gathered.length < GATHERED) continue;
    await write(gathered);
    gathered = '';
  }
  await write(gathered);
}

/** Waits for a slow reader. If the reader closes the pipe, `main.ts` ends the program. */
export async function write(data: string | Buffer): Promise<void> {
  if (data.length > 0 && !process.stdout.write(data)) await once(process.stdout, 'drain');
}

/** The error for wrong use of a command. The message says how to use it, and the exit code is 2. */
export class UsageError extends Error {}

/** Prints an error on standard error, and sets the exit code: 2 for wrong use, otherwise 1. */
export function exitWith(error: unknown): void {
  const { message, exitCode } = error instanceof UsageError ? { message: error.message, exitCode: 2 } : failureOf(error);
  process.stderr.write(`waxseal: ${printableLines(message)}\n`);
  process.exitCode = exitCode;
}
