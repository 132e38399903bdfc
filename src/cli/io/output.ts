import { once } from 'node:events';
import { printable } from '../../scan/words.ts';

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
