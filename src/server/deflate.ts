/**
 * `deflate-raw` of this process, on this thread while it is short; see {@link workOnThisThread}, which is where it belongs.
 *
 * What is written is held until all of it is there, deflated or inflated by one call of zlib, and read as one piece.
 * Once more is written than that, or more would come of it, a stream of Node's own takes over, and with it the
 * readers' and writers' pace.
 */
import { inspect } from 'node:util';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

type Native = typeof CompressionStream | typeof DecompressionStream;

/** Transforms the whole; undefined where the outcome would be long. @throws {TypeError} where the streams do */
type AtOnce = (whole: Uint8Array) => Uint8Array | undefined;

/** The longest input, and the longest output, that is worked on at once. Bytes (64 KiB). */
const MOST_AT_ONCE = 65_536;

/** Replaces the globals `CompressionStream` and `DecompressionStream`. */
export function deflateOnThisThread(): void {
  globalThis.CompressionStream = heldWhileShort(CompressionStream, (whole) => deflateRawSync(whole));
  globalThis.DecompressionStream = heldWhileShort(DecompressionStream, inflateWhole);
}

/** The class, of which the streams for `deflate-raw` work as is said above, and the others as they did. */
function heldWhileShort<Class extends Native>(native: Class, atOnce: AtOnce): Class {
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
      const { readable, writable } = streamPair(() => new native('deflate-raw'), atOnce);
      return Object.create(prototype, { readable: { value: readable }, writable: { value: writable } });
    },
  });
  return replaced;
}

/** What is written to the one is read from the other, transformed. A `TransformStream` takes half as long again. */
function streamPair(nativeStream: () => CompressionStream, atOnce: AtOnce) {
  const held: Uint8Array<ArrayBuffer>[] = [];
  let heldLength = 0;
  let source: ReadableStreamDefaultController<Uint8Array>;
  let sink: WritableStreamDefaultController;
  let long: { readonly writer: WritableStreamDefaultWriter; readonly reader: ReadableStreamDefaultReader } | undefined;
  let handedOver = () => {};
  const handingOver = new Promise<void>((resolve) => {
    handedOver = resolve;
  });

  const handOver = async () => {
    const { readable, writable } = nativeStream();
    long = { writer: writable.getWriter(), reader: readable.getReader() };
    handedOver();
    await long.writer.write(new Uint8Array(Buffer.concat(held.splice(0))));
  };
  const write = async (chunk: unknown) => {
    const bytes = copied(chunk);
    if (long !== undefined) return long.writer.write(bytes);
    held.push(bytes);
    heldLength += bytes.length;
    if (heldLength > MOST_AT_ONCE) await handOver();
  };
  const close = async () => {
    const whole = long === undefined ? atOnce(Buffer.concat(held)) : undefined;
    if (whole !== undefined) {
      source.enqueue(new Uint8Array(whole));
      return source.close();
    }
    if (long === undefined) await handOver();
    await long?.writer.close();
  };
  const failBoth = (error: unknown) => {
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
        await handingOver;
        const { done, value } = (await long?.reader.read()) ?? { done: true };
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async (reason = abandoned()) => {
        sink.error(reason);
        await long?.reader.cancel(reason);
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
    abort: async (reason = abandoned()) => {
      source.error(reason);
      await long?.writer.abort(reason);
    },
  });
  return { readable, writable };
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
  throw new TypeError('The compressed data is not valid.');
}
