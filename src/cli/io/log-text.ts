/** Reads logs as text: unpacks gzip, and decodes UTF-16 and UTF-8. */
import { pipeline, Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { type LogInput, refuseEncoded } from './log-input.ts';
import { UsageError } from './output.ts';

/** How many bytes tell a log's format: a magic number, a byte order mark, or two characters of UTF-16. */
const BEGINNING = 4;

/**
 * Reads a log as text. Its first bytes, not its name, tell the format: gzip (RFC 1952), or UTF-16 with or without a
 * byte order mark, or else UTF-8. Invalid UTF-8 does no harm, because no handle contains it.
 *
 * @param onRead called after each read with the number of bytes, before unpacking
 * @throws {UsageError} if the log is compressed in another format, or its gzip is broken
 */
export async function* textOf({ name, chunks }: LogInput, onRead: (bytes: number) => void): AsyncGenerator<string> {
  const { beginning, all } = await peek(told(chunks, onRead));
  if (beginning.toString('hex', 0, 2) !== '1f8b') {
    yield* decoded(name, beginning, all);
    return;
  }
  const gunzip = createGunzip();
  const packed = untilLastByte(all);
  pipeline(Readable.from(packed.chunks), gunzip, () => {
    // `pipeline` requires this function. Reading from `gunzip` throws the same error.
  });
  try {
    const unpacked = await peek(gunzip);
    yield* decoded(name, unpacked.beginning, unpacked.all);
    // After gzip data, Node.js takes a zero byte for the end of the file, and ignores later bytes without an error.
    if ((await packed.end()) > gunzip.bytesWritten) throw Object.assign(new Error('more data after zero bytes'), { code: 'Z_DATA_ERROR' });
  } catch (error) {
    if (!/^Z_/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new UsageError(
      `${JSON.stringify(name)} is a broken gzip file: ${(error as Error).message}. To audit its readable part: gzip -dc FILE | waxseal audit`,
    );
  }
}

/** Passes chunks on. `end` reads the rest, and returns the number of bytes without the zeros at the end. */
function untilLastByte(all: AsyncIterable<Buffer>): { readonly chunks: AsyncIterable<Buffer>; end(): Promise<number> } {
  const iterator = all[Symbol.asyncIterator]();
  let [given, last] = [0, 0];
  const next = async () => {
    const read = await iterator.next();
    if (read.done) return read;
    const at = read.value.findLastIndex((byte) => byte !== 0);
    if (at !== -1) last = given + at + 1;
    given += read.value.length;
    return read;
  };
  return {
    // This iterator has no `return`: a reader that stops early must not end `iterator`, because `end` reads the rest.
    chunks: { [Symbol.asyncIterator]: () => ({ next }) },
    async end() {
      for (let read = await next(); !read.done; ) read = await next();
      return last;
    },
  };
}

async function* told(chunks: AsyncIterable<Buffer>, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    onRead(chunk.length);
  }
}

/** Returns the first bytes of a stream, and the whole stream. A pipe may deliver the first bytes one at a time. */
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
  // StringDecoder stores ASCII with one byte for each character: its strings are faster to read than TextDecoder's.
  const decoder = encoding === undefined ? new StringDecoder('utf8') : undefined;
  const other = new TextDecoder(encoding);
  for await (const chunk of chunks) yield decoder === undefined ? other.decode(chunk, { stream: true }) : decoder.write(chunk);
}

/**
 * Recognizes UTF-16 by its byte order mark, or by the zero byte beside each ASCII character, because some programs on
 * Windows omit the mark.
 */
function utf16In(beginning: Buffer): string | undefined {
  const hex = beginning.toString('hex', 0, BEGINNING);
  if (/^fffe/.test(hex) || /^(?!00)..00(?!00)..00/.test(hex)) return 'utf-16le';
  if (/^feff/.test(hex) || /^00(?!00)..00(?!00)../.test(hex)) return 'utf-16be';
  return undefined;
}
