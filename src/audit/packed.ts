/** Unpacks gzip and zlib data that records contain in base64. Log stores deliver such records to their subscribers. */

/**
 * A compressed part of a log. Unpacking is asynchronous and the reader is not, so the audit unpacks this part later.
 */
export interface PackedText {
  readonly format: CompressionFormat;
  readonly bytes: Uint8Array;
}

export interface Unpacked {
  readonly text: string;
  /** False if the data was cut, broken or too long. Then only the beginning was unpacked. */
  readonly isWhole: boolean;
}

/**
 * At most `ALWAYS` bytes plus `MOST_RATIO` times the compressed bytes are unpacked, and never more than `LONGEST`
 * bytes. Logs seldom shrink more than a hundredfold. Hostile data can shrink a thousandfold.
 */
const LONGEST = 67_108_864;
const MOST_RATIO = 100;
const ALWAYS = 1_048_576;

/** Unpacks data until its end, its first error, or the limit. */
export async function unpack({ format, bytes }: PackedText): Promise<Unpacked> {
  const most = Math.min(LONGEST, ALWAYS + MOST_RATIO * bytes.length);
  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  // If writing fails, reading fails as well, and its failure is handled below.
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => {});
  writer.close().catch(() => {});
  const reader = stream.readable.getReader();
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let length = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      parts.push(decoder.decode(next.value, { stream: true }));
      length += next.value.length;
      if (length <= most) continue;
      await reader.cancel();
      return { text: parts.join(''), isWhole: false };
    }
    return { text: parts.join(''), isWhole: true };
  } catch {
    return { text: parts.join(''), isWhole: false };
  }
}
