/** Standard output, errors and exit codes of the commands. */
import { once } from 'node:events';
import { printable, printableLines } from '../../scan/words.ts';
import { failureOf } from '../../server/node/failure.ts';

/** How much text is gathered before it is written, in characters. */
const GATHERED = 65_536;

/** Writes lines to standard output, as fast as its reader takes them. It escapes control characters. */
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

/** Writes to standard output, and waits while its reader is slow. If the reader has closed the pipe, the program ends: see `main.ts`. */
export async function write(data: string | Buffer): Promise<void> {
  if (data.length > 0 && !process.stdout.write(data)) await once(process.stdout, 'drain');
}

/** The command was used wrongly; the message says how to use it. The exit code is 2. */
export class UsageError extends Error {}

/** Prints the error on standard error, and sets the exit code: 2 for wrong use, otherwise 1 (not valid or failed). */
export function exitWith(error: unknown): void {
  const { message, exitCode } = error instanceof UsageError ? { message: error.message, exitCode: 2 } : failureOf(error);
  process.stderr.write(`waxseal: ${printableLines(message)}\n`);
  process.exitCode = exitCode;
}
