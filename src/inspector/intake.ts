/** Recognizes whether a pasted or dropped text is a ring, a handle or a log. */
import { findBroken } from '../scan/index.ts';

/** The longest text that the page examines, in characters. It treats every longer text as a log. */
export const LONGEST_TEXT = 1_048_576;

/** The sort of a pasted or dropped text. */
export type Intake =
  | { readonly type: 'nothing' }
  | { readonly type: 'ring'; readonly text: string }
  /** A ring that may have private signing keys. Its text is left out, so that the page does not keep it. */
  | { readonly type: 'full ring' }
  /** A handle. `among` is true if the handle is part of a longer text. */
  | { readonly type: 'handle'; readonly handle: string; readonly among: boolean }
  | { readonly type: 'log' };

/**
 * Recognizes a text. A text with a single handle counts as a handle, even if the handle occurs several times. A text
 * with several handles is a log.
 */
export function classify(text: string): Intake {
  const trimmed = text.trim();
  if (trimmed === '') return { type: 'nothing' };
  if (text.length > LONGEST_TEXT) return { type: 'log' };
  const handles = new Set(findBroken(text));
  const [only] = handles;
  if (only === undefined && isLikeRing(trimmed)) return hasPrivateKey(trimmed) ? { type: 'full ring' } : { type: 'ring', text: trimmed };
  // JSON without a visible handle counts as a log: it may contain an encoded handle, which the audit finds.
  if (handles.size > 1 || (only === undefined && /^[[{]/.test(trimmed))) return { type: 'log' };
  return only === undefined ? { type: 'handle', handle: trimmed, among: false } : { type: 'handle', handle: only, among: only !== trimmed };
}

/** Tells whether a text may be a ring or a line of one. If unsure, the answer is true, so that no key is shown. */
function isLikeRing(text: string): boolean {
  return /["'](?:kty|crv|k|d|x)\\?["']\s*:|["']keys\\?["']\s*:\s*\[/.test(text);
}

/**
 * Tells whether any object in a ring has a member `d`, which is a private key. If the text is not JSON, the function
 * searches it for this name.
 */
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
