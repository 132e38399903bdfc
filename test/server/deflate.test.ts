import { inspect } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { workOnThisThread } from '../../src/server/this-thread.ts';

const native = { CompressionStream, DecompressionStream };
workOnThisThread();
const ours = { CompressionStream, DecompressionStream };

type Chunk = BufferSource | string;

async function through(stream: CompressionStream | DecompressionStream, ...chunks: Chunk[]): Promise<Buffer> {
  const writer = stream.writable.getWriter();
  const writing = Promise.all([...chunks.map((chunk) => writer.write(chunk as BufferSource)), writer.close()]).catch(() => {});
  const pieces: Uint8Array[] = [];
  for await (const piece of stream.readable) pieces.push(piece);
  await writing;
  return Buffer.concat(pieces);
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no error',
    (error) => error,
  );
}

const text = (length: number) =>
  new Uint8Array(Buffer.from('sticky routing was deleted. '.repeat(Math.ceil(length / 28))).subarray(0, length));

/** What does not get shorter. */
const noise = (length: number) => new Uint8Array(Array.from({ length }, (_, at) => (at * at * 2654435761) >>> 24));

describe('deflate-raw on this thread', () => {
  it.each([0, 1, 1_000, 65_536, 65_537, 1_000_000])('deflates and inflates %i bytes as the native streams do', async (length) => {
    for (const whole of [text(length), noise(length)]) {
      const deflated = await through(new ours.CompressionStream('deflate-raw'), whole);
      for (const { DecompressionStream } of [native, ours]) {
        const inflated = await through(new DecompressionStream('deflate-raw'), new Uint8Array(deflated));
        expect(inflated.equals(whole)).toBe(true);
      }
    }
  });

  it.each([
    [1, 3_000],
    [40, 66_000],
    [50_000, 200_001],
    [70_000, 200_001],
  ])('takes its input in pieces of %i bytes', async (length, total) => {
    const whole = noise(total);
    const pieces = Array.from({ length: Math.ceil(whole.length / length) }, (_, at) => whole.subarray(at * length, (at + 1) * length));
    const deflated = await through(new ours.CompressionStream('deflate-raw'), ...pieces);
    expect((await through(new native.DecompressionStream('deflate-raw'), new Uint8Array(deflated))).equals(whole)).toBe(true);
  });

  it('takes bytes in any form that has them, as they were when they were written, and nothing else', async () => {
    const deflated = new Uint8Array(deflateRawSync('four to the word'.repeat(4)));
    const padded = new Uint8Array(deflated.length + 7);
    padded.set(deflated, 3);
    for (const form of [
      deflated.buffer.slice(deflated.byteOffset, deflated.byteOffset + deflated.length),
      padded.subarray(3, -4),
      new DataView(padded.buffer, 3, deflated.length),
      Buffer.from(deflated),
    ])
      expect(String(await through(new ours.DecompressionStream('deflate-raw'), form))).toBe('four to the word'.repeat(4));

    const stream = new ours.DecompressionStream('deflate-raw');
    const writer = stream.writable.getWriter();
    void writer
      .write(deflated)
      .then(() => deflated.fill(0))
      .then(() => writer.close());
    const { value } = await stream.readable.getReader().read();
    expect(new TextDecoder().decode(value)).toBe('four to the word'.repeat(4));

    for (const none of ['text', new Uint8Array(new SharedArrayBuffer(8)) as unknown as BufferSource]) {
      expect(await errorOf(through(new ours.CompressionStream('deflate-raw'), none))).toBeInstanceOf(TypeError);
    }
  });

  it('refuses what is cut, what goes on, and what is no deflated text, short and long', async () => {
    for (const whole of [text(5_000), noise(5_000)]) {
      const deflated = new Uint8Array(deflateRawSync(whole));
      for (const wrong of [deflated.subarray(0, -1), deflated.subarray(0, 10), new Uint8Array([...deflated, 0]), new Uint8Array()]) {
        expect(await errorOf(through(new ours.DecompressionStream('deflate-raw'), wrong))).toBeInstanceOf(TypeError);
      }
    }
    const long = new Uint8Array(deflateRawSync(noise(200_000)));
    for (const wrong of [long.subarray(0, -1), new Uint8Array(40).fill(255), new Uint8Array(200_000).fill(255)]) {
      expect(await errorOf(through(new ours.DecompressionStream('deflate-raw'), wrong))).toBeInstanceOf(TypeError);
    }
  });

  it('refuses what nobody reads, too', async () => {
    for (const wrong of [new Uint8Array(40).fill(255), new Uint8Array(200_000).fill(255)]) {
      const { readable, writable } = new ours.DecompressionStream('deflate-raw');
      const writer = writable.getWriter();
      const [writing, closing] = [errorOf(writer.write(wrong)), errorOf(writer.close())];
      await writing;
      expect(await closing).toBeInstanceOf(TypeError);
      expect(await errorOf(writer.closed)).toBeInstanceOf(TypeError);
      expect(await errorOf(readable.getReader().read())).toBeInstanceOf(TypeError);
    }
  });

  it('holds nothing of what is empty', async () => {
    const stream = new ours.CompressionStream('deflate-raw');
    const writer = stream.writable.getWriter();
    for (let write = 0; write < 1_000; write += 1) void writer.write(new Uint8Array());
    void writer.write(text(10));
    void writer.close();
    const { value } = await stream.readable.getReader().read();
    expect((await through(new native.DecompressionStream('deflate-raw'), new Uint8Array(value ?? []))).equals(text(10))).toBe(true);
  });

  it('goes at the pace of who reads, once it is long', async () => {
    const long = new Uint8Array(deflateRawSync(Buffer.alloc(200_000_000)));
    const before = process.memoryUsage().arrayBuffers;
    const stream = new ours.DecompressionStream('deflate-raw');
    const writer = stream.writable.getWriter();
    let inflated = false;
    const writing = errorOf(writer.write(long));
    const closed = errorOf(writer.close()).then((outcome) => {
      inflated = true;
      return outcome;
    });
    const reader = stream.readable.getReader();
    for (let reads = 0; reads < 10; reads += 1) expect((await reader.read()).value?.length).toBeLessThan(200_000);
    expect(inflated).toBe(false);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    await reader.cancel();
    await writing;
    expect(await closed).toBeInstanceOf(Error);
  });

  it.each([10, 100_000])('ends on both sides where either gives up, after %i bytes', async (length) => {
    const cancelled = new ours.CompressionStream('deflate-raw');
    const writer = cancelled.writable.getWriter();
    const writing = errorOf(writer.write(noise(length)));
    await cancelled.readable.cancel();
    await writing;
    expect(await errorOf(writer.closed)).toBeInstanceOf(Error);

    const aborted = new ours.CompressionStream('deflate-raw');
    const reader = aborted.readable.getReader();
    const other = aborted.writable.getWriter();
    const given = errorOf(other.write(noise(length)));
    await other.abort();
    await given;
    let read: unknown;
    do read = await errorOf(reader.read());
    while (read === 'no error');
    expect(read).toBeInstanceOf(Error);
  });

  it('leaves other formats alone, and is what it stands for', async () => {
    const zipped = await through(new ours.CompressionStream('gzip'), text(100));
    expect(zipped.subarray(0, 2).toString('hex')).toBe('1f8b');
    expect(new ours.CompressionStream('deflate-raw')).toBeInstanceOf(native.CompressionStream);
    expect(new ours.DecompressionStream('deflate-raw')).toBeInstanceOf(DecompressionStream);
    expect(inspect(new ours.CompressionStream('deflate-raw'))).toContain('CompressionStream {');
    class Ours extends CompressionStream {}
    expect(new Ours('deflate-raw')).toBeInstanceOf(Ours);
    expect(() => new CompressionStream('no such format' as never)).toThrow(TypeError);
    // @ts-expect-error: as the native class, it is called with new
    expect(() => CompressionStream('gzip')).toThrow(TypeError);
  });
});
