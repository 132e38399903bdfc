/** Redacts the bytes of a log. It skips long stretches without handles, and copies them unchanged. */
import type { RedactionCount } from '../../scan/index.ts';
import { createRedactor, createSkippingRedactor, LOOK_BACK } from '../../scan/redact.ts';
import { createScanner, type Scanner } from '../../scan/sieve/scanner.ts';
import { findSuspicious } from '../../scan/sieve/suspicious.ts';
import { startOfText } from '../../scan/sieve/words.ts';

export interface ByteRedactor {
  /** Takes a chunk, cut anywhere. Returns redacted bytes, in order. */
  push(chunk: Buffer): Promise<Buffer[]>;
  /**
   * Returns all redacted bytes that are certain by now. {@link push} may hold such bytes back, to save work. So call
   * this function when no chunk comes for a while.
   */
  flush(): Promise<Buffer[]>;
  /** Returns the rest. */
  end(): Promise<Buffer[]>;
  /** How many handles, and how many lines with possible pieces of handles, were found so far. */
  readonly count: RedactionCount;
}

/**
 * How many bytes the redactor waits for after a word before it checks the word. A handle can continue in the next word,
 * after a break, so the check reads both. Together, they have fewer bytes than this in all but hostile logs.
 */
const AHEAD = 2_048;

/**
 * The redactor begins to read at least this many bytes before a suspicious part, which may be a handle or a piece of
 * one. No series of pieces is longer. So the redactor keeps this many bytes before the place where the next search
 * begins.
 */
const LEAD = 4_096;

/**
 * The number of bytes to read after a suspicious part, before the next search. The part may be the beginning of
 * interrupted ciphertext, and the search does not find the lines in the middle of such text. With fewer bytes, these lines
 * are not reported.
 */
const STEP = 8_192;

/** The shortest stretch worth skipping, in bytes. */
const SHORTEST = 4_096;

/** The redactor waits for the end of a word or of base64 that has at most this many bytes. */
const LONGEST_WORD = 1_048_576;

/** The output equals that of `createRedactor`. */
export function createByteRedactor(): ByteRedactor {
  const scanner = createScanner();
  return scanner === undefined ? createPlainRedactor() : createSkipping(scanner);
}

/** Makes the redactor for engines without a scanner. It reads everything, and is many times slower. */
function createPlainRedactor(): ByteRedactor {
  const redactor = createRedactor();
  const toBytes = (text: string) => Buffer.from(text, 'latin1');
  return {
    push: async (chunk) => [toBytes(await redactor.push(chunk.toString('latin1')))],
    // `push` already returns all that is certain.
    flush: async () => [],
    end: async () => [toBytes(await redactor.end())],
    get count() {
      return redactor.count;
    },
  };
}

function createSkipping(scanner: Scanner): ByteRedactor {
  const redactor = createSkippingRedactor();
  /** The bytes at hand: the first part of the scanner's memory. */
  let bytes = firstBytes(scanner.memory(0), 0);
  /** Bytes before `done` were redacted or skipped. Bytes from `clean` to `searched` have no suspicious part. */
  let [done, clean, searched] = [0, 0, 0];
  /** The last chunk: the end of the bytes at hand. */
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
    indexOf: (part: string, from: number) => scanner.find(bytes, part, from),
    findAlone: (letter: number, from: number, to: number) => scanner.findAlone(bytes, letter, from, to),
    search: (from: number, to: number) => scanner.search(bytes, from, to),
  };

  async function redact(end: number): Promise<void> {
    if (end <= done) return;
    add(await redactor.push(bytes.toString('latin1', done, end)));
    done = end;
  }

  function add(redacted: string): void {
    if (redacted !== '') out.push(Buffer.from(redacted, 'latin1'));
  }

  function takeOut(): Buffer[] {
    const taken = out;
    out = [];
    return taken;
  }

  /**
   * Skips the bytes before `end`. If the redactor is busy with a handle or a stream, or holds bytes from before `clean`,
   * it first reads further bytes.
   */
  async function leaveOut(end: number): Promise<void> {
    while (end - done > SHORTEST) {
      const { held } = redactor;
      if (held !== undefined && done - held >= clean) {
        const rest = redactor.skip(scanner.countLines(bytes, done, end), bytes.toString('latin1', Math.max(done, end - LOOK_BACK), end));
        add(rest);
        out.push(...between(done, end));
        done = end;
      } else await redact(Math.min(end, Math.max(clean, done + STEP)));
    }
  }

  /** Returns bytes as buffers that stay unchanged when the scanner's memory is overwritten. */
  function between(from: number, to: number): Buffer[] {
    const start = bytes.length - last.length;
    const own = Buffer.from(bytes.subarray(from, Math.min(to, Math.max(from, start))));
    return [own, last.subarray(Math.max(0, from - start), Math.max(0, to - start))].filter(({ length }) => length > 0);
  }

  function append(chunk: Buffer): void {
    const [kept, offset] = [bytes.length, bytes.byteOffset];
    const memory = scanner.memory(kept + chunk.length);
    if (offset > memory.byteOffset) memory.copyWithin(0, offset - memory.byteOffset, offset - memory.byteOffset + kept);
    memory.set(chunk, kept);
    [bytes, last, text] = [firstBytes(memory, kept + chunk.length), chunk, undefined];
  }

  return {
    async push(chunk) {
      append(chunk);
      const limit = bytes.length - AHEAD;
      while (searched < limit) {
        const part = findSuspicious(log, searched, limit);
        const isFound = part.end > part.index;
        // To tell what base64 or a token contains, the redactor must read it from its beginning.
        await leaveOut(startOfText(bytes, part.index - LEAD));
        if (isFound) clean = Math.max(searched, Math.min(part.end + STEP, bytes.length));
        else if (limit - part.index > LONGEST_WORD) clean = limit;
        searched = isFound ? clean : Math.max(clean, part.index);
        if (!isFound) break;
      }
      await redact(clean);
      const kept = Math.max(0, Math.min(searched - LEAD, done));
      bytes = bytes.subarray(kept);
      [done, clean, searched] = [done - kept, clean - kept, searched - kept];
      return takeOut();
    },
    async flush() {
      await redact(bytes.length);
      return takeOut();
    },
    async end() {
      await redact(bytes.length);
      add(await redactor.end());
      return takeOut();
    },
    get count() {
      return redactor.count;
    },
  };
}

function firstBytes({ buffer, byteOffset }: Uint8Array, length: number): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, length);
}
