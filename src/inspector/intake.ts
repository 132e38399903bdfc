/** Recognizes by its content what somebody has pasted or dropped. */
import { findBroken } from '../scan/index.ts';

/** The longest text that is examined, in characters. A longer text counts as a log. */
export const LONGEST_TEXT = 1_048_576;

/** What a pasted or dropped text is. */
export type Intake =
  | { readonly type: 'nothing' }
  | { readonly type: 'ring'; readonly text: string }
  /** A ring that has, or may have, private signing keys. Its text is not passed on. */
  | { readonly type: 'full ring' }
  /** `among` is true if the handle stands in a longer text. */
  | { readonly type: 'handle'; readonly handle: string; readonly among: boolean }
  | { readonly type: 'log' };

/** Recognizes a text. A text with one handle, even several times, counts as this handle. A text with several handles is a log. */
export function classify(text: string): Intake {
  const trimmed = text.trim();
  if (trimmed === '') return { type: 'nothing' };
  if (text.length > LONGEST_TEXT) return { type: 'log' };
  const handles = new Set(findBroken(text));
  const [only] = handles;
  if (only === undefined && isLikeRing(trimmed)) return hasPrivateKey(trimmed) ? { type: 'full ring' } : { type: 'ring', text: trimmed };
  // A handle in a value of JSON may be encoded. The audit finds such a handle, or says what it did not read.
  if (handles.size > 1 || (only === undefined && /^[[{]/.test(trimmed))) return { type: 'log' };
  return only === undefined ? { type: 'handle', handle: trimmed, among: false } : { type: 'handle', handle: only, among: only !== trimmed };
}

/** Tells whether a text may be a ring, or a line of a ring. In doubt the answer is true, so that the page shows no key. */
function isLikeRing(text: string): boolean {
  return /["'](?:kty|crv|k|d|x)\\?["']\s*:|["']keys\\?["']\s*:\s*\[/.test(text);
}

/** Tells whether an object in a ring has a member `d`. If the text is not JSON, the function tells whether it seems to have one. */
function hasPrivateKey(text: string): boolean {
  try {
    return isPrivate(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    return /["']d\\?["']\s*:|\\u0064/.test(text);
  }
}

function isPrivate(value: unknown): boolean {
  if (typeof value === 'string') return isLikeRing(value) && hasPrivateKey(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, 'd') || Object.values(value).some(isPrivate);
}
