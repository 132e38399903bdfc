/** What looks like ciphertext and is known to be something else: standard base64, JOSE tokens of others, text in base64url. */
import { SHORTEST_JUDGED } from './ciphertext.ts';

/** The shortest signature of RFC 7518, in characters: HMAC with SHA-256. A handle's tag is shorter. */
const SHORTEST_SIGNATURE = 43;

/** How far back a text in base64 is looked at. Characters. */
const BACK = 400;

/** Breaks within base64: lines of MIME and PEM, also as escapes, and quoted. */
const LINE = String.raw`(?:[ \t]*\r?\n[ \t>+]*|(?:\\{1,4}[rn])+)`;

const GAPS = new RegExp(`${LINE}|[^A-Za-z0-9+/=]`, 'g');
const BEHIND = new RegExp(`(?:[A-Za-z0-9+/]|${LINE}(?=[A-Za-z0-9+/]))*(?:={0,2}(?!=?\\r?\\n[ \\t>+]*(?:[A-Za-z0-9_.]|-(?!-))))?`, 'y');

/** What stands before a digest in Subresource Integrity, and in lock files. */
const INTEGRITY = /^sha(?:1|224|256|384|512)-/;

/**
 * Where something else ends that a word of base64url characters and dots is, or is a part of; undefined where the word may
 * be of a handle.
 *
 * @param isExpected whether there were pieces of a handle just before, so that a single sign proves nothing
 */
export function endOfOther(text: string, from: number, to: number, isExpected: boolean): number | undefined {
  const word = text.slice(from, to);
  // A short piece of ciphertext may stand for text by chance.
  return word.length >= SHORTEST_JUDGED && isToken(word) ? to : endOfBase64(text, to, word.replace(INTEGRITY, ''), isExpected);
}

/** Whether a word may be of standard base64, as what stands around it will tell. */
export function mayBeBase64(word: string): boolean {
  return !/[-_.]/.test(word.replace(INTEGRITY, ''));
}

/** Whether a word is a JWS or JWE of others, or one that says something by itself. */
function isToken(word: string): boolean {
  const segments = word.split('.');
  const [first = '', second = '', third = ''] = segments;
  if (segments.length === 1) return isText(first);
  const header = textOf(first);
  if (!header?.startsWith('{') || /"typ"\s*:\s*"handle"/.test(header)) return false;
  // RFC 7515 §7.1, with an unencoded or absent signature; RFC 7516 §7.1.
  if (segments.length === 3) return (second === '' || isText(second)) && (third === '' || third.length >= SHORTEST_SIGNATURE);
  return segments.length === 5 && /"enc"\s*:/.test(header);
}

function isText(segment: string): boolean {
  return textOf(segment) !== undefined;
}

/** What base64url stands for, where that is text: which 18 bytes of ciphertext are, once in 100 million times. */
function textOf(segment: string): string | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(segment)) return undefined;
  try {
    const text = atob(segment.replace(/-/g, '+').replace(/_/g, '/'));
    return /^[\t\n\r\u0020-\u007e\u0080-\u00ff]*$/.test(text) && !isBinary(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Whether bytes are not UTF-8. */
function isBinary(bytes: string): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
    return false;
  } catch {
    return true;
  }
}

/** A digit of standard base64 that base64url does not have, or its padding, shows what the others belong to. */
function endOfBase64(text: string, to: number, word: string, isExpected: boolean): number | undefined {
  if (!mayBeBase64(word)) return undefined;
  BEHIND.lastIndex = to;
  const behind = BEHIND.exec(text)?.[0] ?? '';
  const around = `${before(text, to - word.length)}${behind}`.replace(GAPS, '');
  if (!/[+/=]/.test(around)) return undefined;
  const length = around.length + word.length;
  const isComplete = !isExpected && length % 4 === 0 && /[+=]/.test(around);
  return isComplete || isRandom(around) ? to + behind.length : undefined;
}

/** What stands before a place in the same text of base64. */
function before(text: string, place: number): string {
  let at = place;
  while (at > 0 && place - at < BACK) {
    // A line may begin with the mark of what was added in a patch.
    if (text.charAt(at - 1) === '+' && /\n[ \t>]*\+*$/.test(text.slice(Math.max(0, at - 16), at))) break;
    if (/[A-Za-z0-9+/]/.test(text.charAt(at - 1)) && !(text.charAt(at - 2) === '\\' && /[rn]/.test(text.charAt(at - 1)))) at -= 1;
    else {
      const gap = /(?:\r?\n[ \t>]*|(?:\\{1,4}[rn])+)$/.exec(text.slice(Math.max(0, at - 16), at))?.[0].length ?? 0;
      if (gap === 0) break;
      at -= gap;
    }
  }
  return text.slice(at, place);
}

/** Whether a text of base64 is not made of words, as paths are: between two slashes, if not by chance. */
function isRandom(text: string): boolean {
  const words = text.match(/(?<![A-Za-z0-9])(?:[A-Z]?[a-z]{3,}|[A-Z]{4,}|\d{4,})(?![A-Za-z0-9])/g) ?? [];
  return text.length >= 24 && words.join('').length * 4 < text.length && /[a-z]/.test(text) && /[A-Z]/.test(text);
}
