/** Unpacks compressed parts of a log: gzip or zlib in base64, within a record. Subscriptions to log stores deliver such records. */

/** A compressed part. The reader of a log cannot wait, so the audit unpacks it when it takes the mentions of the log. */
export interface PackedText {
  readonly format: CompressionFormat;
  readonly bytes: Uint8Array;
}

/** What was unpacked. */
export interface Unpacked {
  readonly text: string;
  /** False if the data was cut, broken, or longer than the bound, so that the text is only its beginning. */
  readonly isWhole: boolean;
}

/** How long unpacked data may be, in bytes. Logs seldom shrink to less than a hundredth; hostile data may shrink to a thousandth. */
const LONGEST = 67_108_864;
const MOST_RATIO = 100;
const ALWAYS = 1_048_576;

/** Unpacks as much as can be unpacked. */
export async function unpack({ format, bytes }: PackedText): Promise<Unpacked> {
  const most = Math.min(LONGEST, ALWAYS + MOST_RATIO * bytes.length);
  const stream = new DecompressionStream(format);
  const writer = stream.writable.getWriter();
  // The reader below meets the same error.
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
