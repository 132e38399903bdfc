/** Standard output, errors and exit codes of the commands. */
import { once } from 'node:events';
import { printable, printableLines } from '../../scan/words.ts';
import { failureOf } from '../../server/node/failure.ts';

/** The number of characters that are collected before they are written together. */
const GATHERED = 65_536;

/** Writes lines to standard output, and escapes their control characters. It waits while the reader of the output is slow. */
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

/**
 * Writes to standard output, and waits while the output's reader is slow. If the reader closes the pipe, `main.ts` ends
 * the program.
 */
export async function write(data: string | Buffer): Promise<void> {
  if (data.length > 0 && !process.stdout.write(data)) await once(process.stdout, 'drain');
}

/** Thrown if the user used a command wrongly. The message says how to use the command, and the exit code is 2. */
export class UsageError extends Error {}

/** Prints the message of an error on standard error, and sets the exit code: 2 for wrong use, otherwise 1 (not valid or failed). */
export function exitWith(error: unknown): void {
  const { message, exitCode } = error instanceof UsageError ? { message: error.message, exitCode: 2 } : failureOf(error);
  process.stderr.write(`waxseal: ${printableLines(message)}\n`);
  process.exitCode = exitCode;
}
