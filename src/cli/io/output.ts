/** What a command says on standard output, and how it says that it failed. */
import { once } from 'node:events';
import { printable, printableLines } from '../../scan/words.ts';
import { failureOf } from '../../server/node/failure.ts';

/** So much text is gathered before it is written. Characters. */
const GATHERED = 65_536;

/** Writes lines to standard output, as fast as its reader takes them. */
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

/** Writes to standard output, and waits while its reader is slow. One that has closed ends the program: see `main.ts`. */
export async function write(data: string | Buffer): Promise<void> {
  if (data.length > 0 && !process.stdout.write(data)) await once(process.stdout, 'drain');
}

/** The command was used wrongly; the message says how it is used. */
export class UsageError extends Error {}

/** Says what went wrong, and sets the exit code: 1 for what is not valid or failed, 2 for wrong use. */
export function exitWith(error: unknown): void {
  const { message, exitCode } = error instanceof UsageError ? { message: error.message, exitCode: 2 } : failureOf(error);
  process.stderr.write(`waxseal: ${printableLines(message)}\n`);
  process.exitCode = exitCode;
}
