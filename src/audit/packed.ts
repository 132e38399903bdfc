/**
 * Unpacks the compressed parts of a log: data of gzip or zlib that a record contains in base64. Log stores deliver such
 * records to their subscribers.
 */

/**
 * A compressed part of a log. Unpacking is asynchronous and the reader of a log is not. So the audit unpacks this part
 * later, when it takes the mentions from the reader.
 */
export interface PackedText {
  readonly format: CompressionFormat;
  readonly bytes: Uint8Array;
}

/** The text that was unpacked. */
export interface Unpacked {
  readonly text: string;
  /** False if the data was cut, broken or too long. The text is then only the beginning of the data. */
  readonly isWhole: boolean;
}

/**
 * The bounds for unpacked data: at most `ALWAYS` bytes plus `MOST_RATIO` times the compressed bytes, and never more
 * than `LONGEST` bytes. Compression seldom makes a log more than a hundred times smaller. Hostile data can be a
 * thousand times smaller than its content.
 */
const LONGEST = 67_108_864;
const MOST_RATIO = 100;
const ALWAYS = 1_048_576;

/** Unpacks data until its end, its first error, or the bound. */
export async function unpack({ format, bytes }: PackedText): Promise<Unpacked> {
  const most = Math.min(LONGEST, ALWAYS + MOST_RATIO * bytes.length);
  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  // If writing fails, reading fails as well. The code below handles only the failure of reading.
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
