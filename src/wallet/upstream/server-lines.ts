/** Reads the standard output of a server: JSON-RPC messages, and other text between them. */
import { type Read, readMessages } from './answer.ts';
import { LONGEST_MESSAGE } from './bounded-fetch.ts';

const LINE_FEED = 10;

/** The beginning of a response that is not JSON, for example because it contains `NaN`. */
const BROKEN = /^\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*([0-9]{1,15}|"[^"\\]{0,100}")\s*[,}]/;

/**
 * Makes a function that takes the parts of a server's output. Usually each line has one message. Some servers write a
 * batch on a line, or one message on several lines.
 *
 * @param found called with each message
 * @throws {RangeError} if a line is longer than the longest message
 */
export function serverLines(found: (read: Read) => void): (part: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  /** The lines so far of a message on several lines. */
  let spread = '';

  const readLine = (line: string) => {
    if (spread === '' && line !== '{') return readText(line, found);
    // Lines inside a message are indented. So a line that begins like a message is one, and the text before was none.
    if (/^\{\s*"/.test(line)) {
      spread = '';
      return readText(line, found);
    }
    spread += `${line}\n`;
    if (line !== '}' && spread.length <= LONGEST_MESSAGE) return;
    if (line === '}') readText(spread, found);
    spread = '';
  };

  return (part) => {
    let start = 0;
    for (let end = part.indexOf(LINE_FEED); end !== -1; end = part.indexOf(LINE_FEED, start)) {
      const line = Buffer.concat([...parts, part.subarray(start, end)]);
      [parts, length, start] = [[], 0, end + 1];
      // The decoder removes a byte order mark.
      readLine(new TextDecoder().decode(line).trimEnd());
    }
    parts.push(part.subarray(start));
    length += part.length - start;
    if (length > LONGEST_MESSAGE) {
      parts = [];
      throw new RangeError(`more than ${LONGEST_MESSAGE} bytes on one line`);
    }
  };
}

function readText(text: string, found: (read: Read) => void): void {
  for (const read of readsIn(text)) found(read);
}

function readsIn(text: string): Read[] {
  try {
    return readMessages(JSON.parse(text));
  } catch {
    const [, id] = BROKEN.exec(text) ?? [];
    return id === undefined ? [] : [{ problem: 'it is not JSON', id: JSON.parse(id) }];
  }
}
