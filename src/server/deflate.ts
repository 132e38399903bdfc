/**
 * `deflate-raw` of this process, on this thread while it is short; see {@link workOnThisThread}, which is where it belongs.
 *
 * What is written is held until all of it is there, deflated or inflated by one call of zlib, and read as one piece.
 * Once more is written than that, or more would come of it, a stream of zlib takes over, at its reader's pace.
 */
import type { Transform } from 'node:stream';
import { inspect } from 'node:util';
import { createDeflateRaw, createInflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import { MAX_PLAINTEXT_LENGTH } from '../handle/index.ts';

type Native = typeof CompressionStream | typeof DecompressionStream;

/** Transforms the whole; undefined where the outcome would be long. @throws {TypeError} where the streams do */
type AtOnce = (whole: Uint8Array) => Uint8Array | undefined;

/** The longest input, and the longest output, that is worked on at once: as long as any inner JWS. Bytes; half a millisecond at most. */
export const MOST_AT_ONCE = MAX_PLAINTEXT_LENGTH;

/** Replaces the globals `CompressionStream` and `DecompressionStream`. */
export function deflateOnThisThread(): void {
  globalThis.CompressionStream = heldWhileShort(CompressionStream, (whole) => deflateRawSync(whole), createDeflateRaw);
  // Who reads a bomb that is a byte too long has read enough with the first piece.
  globalThis.DecompressionStream = heldWhileShort(DecompressionStream, inflateWhole, () =>
    createInflateRaw({ chunkSize: MOST_AT_ONCE + 1 }),
  );
}

/** The class, of which the streams for `deflate-raw` work as is said above, and the others as they did. */
function heldWhileShort<Class extends Native>(native: Class, atOnce: AtOnce, piecemeal: () => Transform): Class {
  const prototype = Object.create(native.prototype, {
    [inspect.custom]: {
      value({ readable, writable }: CompressionStream, options: object) {
        return `${native.name} ${inspect({ readable, writable }, options)}`;
      },
    },
  });
  const replaced: Class = new Proxy(native, {
    construct: (target, [format, ...surplus], newTarget) => {
      if (!(format === 'deflate-raw' && newTarget === replaced)) return Reflect.construct(target, [format, ...surplus], newTarget);
      const { readable, writable } = streamPair(atOnce, piecemeal);
      return Object.create(prototype, { readable: { value: readable }, writable: { value: writable } });
    },
  });
  return replaced;
}

/** What is written to the one is read from the other, transformed. A `TransformStream` takes half as long again. */
function streamPair(atOnce: AtOnce, piecemeal: () => Transform) {
  const held: Uint8Array[] = [];
  let heldLength = 0;
  let source: ReadableStreamDefaultController<Uint8Array>;
  let sink: WritableStreamDefaultController;
  let long: Piecewise | undefined;
  let goneLong: (long: Piecewise) => void;
  const goingLong = new Promise<Piecewise>((resolve) => {
    goneLong = resolve;
  });

  const goLong = async () => {
    long = piecewise(piecemeal());
    goneLong(long);
    await long.write(Buffer.concat(held.splice(0)));
    return long;
  };
  const write = async (chunk: unknown) => {
    const bytes = copied(chunk);
    if (bytes.length === 0) return;
    if (long !== undefined) return long.write(bytes);
    held.push(bytes);
    heldLength += bytes.length;
    if (heldLength > MOST_AT_ONCE) await goLong();
  };
  const close = async () => {
    const whole = long === undefined ? atOnce(Buffer.concat(held)) : undefined;
    if (whole !== undefined) {
      source.enqueue(new Uint8Array(whole));
      return source.close();
    }
    await (long ?? (await goLong())).end();
  };
  const failBoth = (cause: unknown) => {
    const error = invalid(cause);
    source.error(error);
    throw error;
  };

  const readable = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        source = controller;
      },
      // What is short is enqueued without being asked for, and this then waits for nothing.
      pull: async (controller) => {
        const { done, value } = await (await goingLong).read().catch(failBoth);
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      cancel: (reason = abandoned()) => {
        sink.error(reason);
        long?.destroy();
      },
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream({
    start: (controller) => {
      sink = controller;
    },
    write: (chunk) => write(chunk).catch(failBoth),
    close: () => close().catch(failBoth),
    abort: (reason = abandoned()) => {
      source.error(reason);
      long?.destroy();
    },
  });
  return { readable, writable };
}

type Piecewise = ReturnType<typeof piecewise>;

/** A transform of Node's, by promises. A write is done once it is transformed, which waits for what came of it before to be read. */
function piecewise(transform: Transform) {
  const pieces: AsyncIterator<Uint8Array, undefined> = transform[Symbol.asyncIterator]();
  // A write is called back for an error only where it was still waiting, and not where it is the cause.
  const broken = new Promise<never>((_, reject) => transform.once('error', reject).once('close', () => reject(abandoned())));
  broken.catch(() => {});
  const unlessBroken = (work: (done: (error?: Error | null) => void) => void) =>
    Promise.race([broken, new Promise<void>((resolve, reject) => work((error) => (error ? reject(error) : resolve())))]);
  return {
    write: (bytes: Uint8Array) => unlessBroken((done) => transform.write(bytes, done)),
    end: () => unlessBroken((done) => transform.end(done)),
    read: () => pieces.next(),
    destroy: () => transform.destroy(),
  };
}

/** The bytes as they are now, whatever the writer does to them afterwards. */
function copied(chunk: unknown): Uint8Array<ArrayBuffer> {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk.slice());
  if (ArrayBuffer.isView(chunk) && chunk.buffer instanceof ArrayBuffer) {
    return new Uint8Array(chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + chunk.byteLength));
  }
  throw new TypeError('A chunk is neither an ArrayBuffer nor a view of one.');
}

function abandoned(): DOMException {
  return new DOMException('The stream was abandoned.', 'AbortError');
}

function invalid(cause: unknown): TypeError {
  return cause instanceof TypeError ? cause : new TypeError('The data is not valid.', { cause });
}

/** What zlib gives beside the outcome, with `info`: how much of the input it has read. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** @throws {TypeError} for what is no deflated text, is cut, or goes on after its end */
function inflateWhole(whole: Uint8Array): Uint8Array | undefined {
  try {
    const { buffer, engine } = inflateRawSync(whole, { maxOutputLength: MOST_AT_ONCE, info: true }) as unknown as Inflated;
    if (engine.bytesWritten === whole.length) return buffer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
  }
  throw new TypeError('The data is not valid.');
}
