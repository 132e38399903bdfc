import { once } from 'node:events';

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

/** Text that a terminal shows and does not obey: control characters and those that reorder or hide text become escapes, as in JSON. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
