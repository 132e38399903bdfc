/** Recognizes text that users take for a handle, and says what to do with it. No message quotes the text. */
import { bytesOf, contentOf, findBroken } from '../scan/index.ts';

const SEARCH = "Search for it in the report of waxseal audit, or in the server's log.";

/** The longest text that is examined, in characters. */
const LONGEST_TEXT = 1_048_576;

/**
 * Returns what a text is that has not the form of a handle. Undefined if the text may be a handle that was cut or
 * changed.
 */
export function describeOther(given: string): string | undefined {
  const text = given.trim();
  if (text.length > LONGEST_TEXT) return undefined;
  if (/^\[handle, cut\]$/.test(text)) return 'This stands in a redacted log in place of a cut handle. Nobody can open it.';
  if (/^\[handle [\w-]{16}\]$/.test(text)) return `This is the fingerprint of a handle, and a fingerprint cannot be opened. ${SEARCH}`;
  if (/^task_\w{1,12}(?:@\w{1,9})?$/.test(text))
    return 'This is not a handle, but looks like an alias of a wallet. Only the host with this wallet can use it.';
  if (/^(?!eyJ)[\w-]{16}$/.test(text))
    return `This has the form of a handle's fingerprint or of a task's id. Neither can be opened. ${SEARCH}`;
  if (isRing(text)) return 'This is a key ring, not a handle. Give the ring with --keys, and the handle in its place.';
  if (/^(?:Bearer )?[\w-]+(?:\.[\w-]+){2}$/.test(text) && hasHeader(text.replace(/^Bearer /, '')))
    return 'This is a JSON Web Token of another program, not a handle.';
  if (/^[[{]/.test(text))
    return /_info\\?"\s*:/.test(text)
      ? 'This describes a handle, but the handle itself is missing. It stands beside the description, in the member without "_info".'
      : undefined;
  return describePacked(text);
}

/** How gzip begins, as ISO 8859-1 and as UTF-8. In UTF-8, the second byte is no character. */
const GZIP = ['\u001f\u008b', '\u001f\ufffd'];

function describePacked(text: string): string | undefined {
  const advice = 'Decode it first, or give it to waxseal audit, which also reads it as it is.';
  if (GZIP.some((beginning) => text.startsWith(beginning))) return `This is compressed data, not a handle. ${advice}`;
  const digits = text.replace(/\s+/g, '').replace(/={1,2}$/, '');
  if (!/^[\w+/-]{16,}$/.test(digits)) return undefined;
  const content = contentOf(bytesOf(digits));
  if (content.type === 'compressed') return `This is base64 of compressed data, not a handle. ${advice}`;
  if (content.type !== 'text') return undefined;
  if (isRing(content.text)) return 'This is a key ring in base64, not a handle.';
  return findBroken(content.text).length > 0 ? `This is base64 of a text with a handle. ${advice}` : undefined;
}

function isRing(text: string): boolean {
  return /^\{/.test(text) && /"kty\\?"\s*:|"keys\\?"\s*:\s*\[/.test(text);
}

/** Tells whether a token begins with the header of a signature (RFC 7515 §4). The header of a handle has `enc`. */
function hasHeader(token: string): boolean {
  const content = contentOf(bytesOf(token.slice(0, token.indexOf('.'))));
  return content.type === 'text' && /^\{.*"alg"\s*:/s.test(content.text) && !/"enc"\s*:/.test(content.text);
}
