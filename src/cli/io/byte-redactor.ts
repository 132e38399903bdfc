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

/** How many bytes must stand behind a word before it is judged: more than any break has, and the word behind it. */
const AHEAD = 2_048;

/** How many bytes before a doubt the redactor reads, too: more than any row of pieces has. */
const LEAD = 4_096;

/** How many bytes behind a doubt the redactor reads before the sieve is asked again. */
const STEP = 8_192;

/** A shorter stretch is not worth leaving out. Bytes. */
const SHORTEST = 4_096;

/** A longer word is not waited for. Bytes. */
const LONGEST_WORD = 65_536;

/** Makes a redactor of bytes. Its output is that of `createRedactor`. */
export function createByteRedactor(): ByteRedactor {
  const redactor = createSkippingRedactor();
  /** The bytes at hand. Those before `done` were given to the redactor or left out; those from `clean` to `judged` have no doubt. */
  let [bytes, done, clean, judged] = [Buffer.alloc(0), 0, 0, 0];
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
        out.push(Buffer.from(rest, 'latin1'), bytes.subarray(done, end));
        done = end;
      } else await redact(Math.min(end, Math.max(clean, done + STEP)));
    }
  }

  return {
    async push(chunk) {
      bytes = Buffer.concat([bytes, chunk]);
      [text, out] = [undefined, []];
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
