/** Redacts the bytes of a log. Long stretches in which the redactor would find nothing go out as they came in. */
import type { RedactionCount } from '../../scan/index.ts';
import { createSkippingRedactor, LONGEST_MEMORY } from '../../scan/redact.ts';
import { findDoubt } from '../../scan/sieve/doubt.ts';

export interface ByteRedactor {
  /** Takes a chunk, which may be cut anywhere. Returns the redacted bytes that are certain by now, in their order. */
  push(chunk: Buffer): Promise<Buffer[]>;
  /** Returns the rest. */
  end(): Promise<Buffer>;
  /** The numbers of what was found so far. */
  readonly count: RedactionCount;
}

/** How many bytes must stand behind a word before the word is judged: more than the longest break and the word behind the break. */
const AHEAD = 2_048;

/** How many bytes before a doubt the redactor reads, too: more than the longest row of pieces. */
const LEAD = 4_096;

/** How many bytes behind a doubt the redactor reads before the sieve is asked again. */
const STEP = 8_192;

/** A shorter stretch is not worth leaving out. Bytes. */
const SHORTEST = 4_096;

/** The longest word whose end is awaited, in bytes. */
const LONGEST_WORD = 65_536;

/** Makes a redactor of bytes. Its output is that of `createRedactor`. */
export function createByteRedactor(): ByteRedactor {
  const redactor = createSkippingRedactor();
  /** The bytes at hand. One memory serves all chunks, because new memory for each chunk would take longer than judging the chunk. */
  let [bytes, memory]: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  /** The bytes before `done` were given to the redactor or left out. The bytes from `clean` to `judged` have no doubt. */
  let [done, clean, judged] = [0, 0, 0];
  /** The last chunk, which is the last part of the bytes at hand. */
  let last = bytes;
  let text: string | undefined;
  let out: Buffer[] = [];
  const log = {
    get bytes() {
      return bytes;
    },
    text() {
      text ??= bytes.toString('latin1');
      return text;
    },
    indexOf: (part: string, from: number) => bytes.indexOf(part, from, 'latin1'),
  };

  async function redact(end: number): Promise<void> {
    const redacted = await redactor.push(bytes.toString('latin1', done, end));
    if (redacted !== '') out.push(Buffer.from(redacted, 'latin1'));
    done = end;
  }

  /** Leaves out the bytes up to a place, as soon as the redactor waits for nothing that began before them. */
  async function leaveOut(end: number): Promise<void> {
    while (end - done > SHORTEST) {
      const { held } = redactor;
      if (held !== undefined && done - held >= clean) {
        const rest = redactor.skip(lineBreaks(bytes, done, end), bytes.toString('latin1', Math.max(done, end - LONGEST_MEMORY), end));
        out.push(Buffer.from(rest, 'latin1'), ...between(done, end));
        done = end;
      } else await redact(Math.min(end, Math.max(clean, done + STEP)));
    }
  }

  /** The bytes between two places, in memory that nobody writes to again. */
  function between(from: number, to: number): Buffer[] {
    const start = bytes.length - last.length;
    const own = Buffer.from(bytes.subarray(from, Math.min(to, Math.max(from, start))));
    return [own, last.subarray(Math.max(0, from - start), Math.max(0, to - start))].filter(({ length }) => length > 0);
  }

  /** Adds a chunk to the bytes at hand. */
  function add(chunk: Buffer): void {
    const kept = bytes.length;
    if (memory.length < kept + chunk.length) memory = Buffer.alloc(2 * (kept + chunk.length));
    memory.set(bytes);
    memory.set(chunk, kept);
    [bytes, last, text] = [memory.subarray(0, kept + chunk.length), chunk, undefined];
  }

  return {
    async push(chunk) {
      add(chunk);
      out = [];
      const limit = bytes.length - AHEAD;
      while (judged < limit) {
        const doubt = findDoubt(log, judged, limit);
        const isDoubt = doubt.end > doubt.index;
        await leaveOut(isDoubt ? doubt.index - LEAD : doubt.index);
        if (isDoubt) clean = Math.max(judged, Math.min(doubt.end + STEP, bytes.length));
        else if (limit - doubt.index > LONGEST_WORD) clean = limit;
        judged = isDoubt ? clean : Math.max(clean, doubt.index);
        if (!isDoubt) break;
      }
      await redact(bytes.length);
      const kept = Math.max(0, Math.min(judged, bytes.length) - LEAD);
      bytes = bytes.subarray(kept);
      [done, clean, judged] = [done - kept, clean - kept, judged - kept];
      return out;
    },
    end: async () => Buffer.from(await redactor.end(), 'latin1'),
    get count() {
      return redactor.count;
    },
  };
}

function lineBreaks(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a, from); at !== -1 && at < to; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  return count;
}
