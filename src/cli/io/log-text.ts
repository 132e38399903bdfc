/** The text of logs, however it was packed and encoded. */
import { pipeline, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { type LogInput, refuseEncoded } from './log-input.ts';
import { UsageError } from './output.ts';

/** So many bytes tell what a log is: a mark, or four characters. */
const BEGINNING = 4;

/**
 * The text of a log. What it is shows in how it begins, and not in its name: gzip (RFC 1952) is unpacked, UTF-16 is
 * decoded, with its mark or without. All else is UTF-8; what is none in it is no handle either.
 *
 * @param onRead is told how many bytes were read, before they are unpacked
 * @throws {UsageError} where it is packed in another way, or gzip is broken
 */
export async function* textOf({ name, chunks }: LogInput, onRead: (bytes: number) => void): AsyncGenerator<string> {
  const { beginning, all } = await peek(told(chunks, onRead));
  if (beginning.toString('hex', 0, 2) !== '1f8b') {
    yield* decoded(name, beginning, all);
    return;
  }
  const gunzip = createGunzip();
  pipeline(Readable.from(all), gunzip, () => {
    // An error comes out of `gunzip`, too.
  });
  try {
    const unpacked = await peek(gunzip);
    yield* decoded(name, unpacked.beginning, unpacked.all);
  } catch (error) {
    if (!/^Z_/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new UsageError(
      `${JSON.stringify(name)} is gzip, and broken: ${(error as Error).message}. What can be had of it: gzip -dc FILE | waxseal audit`,
    );
  }
}

async function* told(chunks: AsyncIterable<Buffer>, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    onRead(chunk.length);
  }
}

/** How a stream begins, and all of it. A pipe may give it byte by byte. */
async function peek(chunks: AsyncIterable<Buffer>): Promise<{ beginning: Buffer; all: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  let beginning: Buffer = Buffer.alloc(0);
  let isDone = false;
  while (beginning.length < BEGINNING && !isDone) {
    const next = await iterator.next();
    isDone = next.done ?? false;
    if (!next.done) beginning = Buffer.concat([beginning, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    if (beginning.length > 0) yield beginning;
    while (!isDone) {
      const next = await iterator.next();
      if (next.done) return;
      yield next.value;
    }
  }
  return { beginning, all: all() };
}

async function* decoded(name: string, beginning: Buffer, chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const encoding = utf16In(beginning);
  if (encoding === undefined) refuseEncoded(name, beginning);
  // Of UTF-8 the faster one: it makes strings of one byte a character.
  const decoder = encoding === undefined ? new StringDecoder('utf8') : undefined;
  const other = new TextDecoder(encoding);
  for await (const chunk of chunks) yield decoder === undefined ? other.decode(chunk, { stream: true }) : decoder.write(chunk);
}

/** By the mark, or by the zeros beside characters of ASCII, as Windows writes it without the mark. */
function utf16In(beginning: Buffer): string | undefined {
  const hex = beginning.toString('hex', 0, BEGINNING);
  if (/^fffe/.test(hex) || /^(?!00)..00(?!00)..00/.test(hex)) return 'utf-16le';
  if (/^feff/.test(hex) || /^00(?!00)..00(?!00)../.test(hex)) return 'utf-16be';
  return undefined;
}
