/** Recognizes the tokens of other programs (JWS and JWE), and base64url of text. */
import { HANDLE_PREFIX } from './find.ts';

/** The length of the shortest signature of RFC 7518 in base64url: HMAC with SHA-256. The tag of a handle is shorter. */
const SHORTEST_SIGNATURE = 43;

/** Tells whether a text is a JWE with a readable header that is not the header of a handle. */
export function isForeignToken(text: string): boolean {
  return text.split('.').length === 5 && isToken(text);
}

/**
 * Tells whether the first part of a JWE is the readable header of another token. A handle's header with one or two
 * changed characters is not such a header.
 */
export function isForeignHeader(segment: string): boolean {
  const header = textOf(segment);
  // If a log lost a line of a handle, the rest of its header is usually not JSON. Such a header is not foreign.
  return header?.startsWith('{') === true && isObject(header) && !isOfHandle(header);
}

/** The beginning of a handle's header. */
const HEADER = atob(HANDLE_PREFIX);
/** The text after the value of `kid` in a handle's header. */
const TYPE = '","typ":"handle"';

/**
 * How many characters the header of another token may have in common with {@link TYPE}, at the same positions. A header
 * with the type `JWT` has 9 such characters.
 */
const MOST_ALIKE = 11;

function isOfHandle(header: string): boolean {
  // If a line of the header is lost, only the end of the type may be left.
  if (header.includes('handle"')) return true;
  if (!header.startsWith(HEADER)) return false;
  const rest = header.slice(header.indexOf('"', HEADER.length));
  const alike = [...TYPE].filter((character, at) => character === rest.charAt(at)).length;
  return alike > MOST_ALIKE;
}

function isObject(header: string): boolean {
  try {
    return typeof JSON.parse(header) === 'object';
  } catch {
    return false;
  }
}

/** Tells whether a word is base64url of text, or a JWS or JWE that is not a handle. */
export function isToken(word: string): boolean {
  const segments = word.split('.');
  const [first = '', second = '', third = ''] = segments;
  if (segments.length === 1) return isText(first);
  if (!isForeignHeader(first)) return false;
  // The payload or the signature of a JWS may be empty (RFC 7515 §7.1). A JWE has five parts (RFC 7516 §7.1).
  if (segments.length === 3) return (second === '' || isText(second)) && (third === '' || third.length >= SHORTEST_SIGNATURE);
  return segments.length === 5 && ENC.test(textOf(first) ?? '');
}

/**
 * Matches the content encryption of a JWE (RFC 7518 §5.1, and the drafts for ChaCha20). A handle's header that lost a
 * line does not match.
 */
const ENC = /"enc"\s*:\s*"(?:A(?:128|192|256)(?:GCM|CBC-HS(?:256|384|512))|X?C20P)"/;

export function isText(segment: string): boolean {
  return textOf(segment) !== undefined;
}

/**
 * Returns the text that base64url encodes. Undefined for other content. Of a million series of 18 random bytes, about
 * one passes for text.
 */
function textOf(segment: string): string | undefined {
  // Such a length is invalid. `atob` would throw, which takes long.
  if (segment.length % 4 === 1 || !/^[A-Za-z0-9_-]+$/.test(segment)) return undefined;
  try {
    const text = atob(segment.replace(/-/g, '+').replace(/_/g, '/'));
    if (/^[\t\n\r -~]*$/.test(text)) return text;
    return /^[\t\n\r\u0020-\u007e\u0080-\u00ff]*$/.test(text) && !isBinary(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function isBinary(bytes: string): boolean {
  try {
    UTF_8.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
    return false;
  } catch {
    return true;
  }
}
