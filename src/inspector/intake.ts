/** What somebody has pasted or dropped: told by its content, so that nobody has to say. */
import { findHandles } from '../scan/index.ts';

/** The longest text that is looked at whole, in characters. What is longer can only be a log. */
export const LONGEST_TEXT = 1_048_576;

export type Intake =
  | { readonly type: 'nothing' }
  | { readonly type: 'ring'; readonly text: string }
  /** It has, or seems to have, private signing keys. Its text is not passed on. */
  | { readonly type: 'full ring' }
  /** `among` says that it was found in a longer text. */
  | { readonly type: 'handle'; readonly handle: string; readonly among: boolean }
  | { readonly type: 'log' };

/** Tells what a text is. A text with one handle, however often, is taken for that handle; one with several for a log. */
export function classify(text: string): Intake {
  const trimmed = text.trim();
  if (trimmed === '') return { type: 'nothing' };
  if (text.length > LONGEST_TEXT) return { type: 'log' };
  const handles = new Set(Array.from(findHandles(text), ({ handle }) => handle));
  const [only] = handles;
  if (only === undefined && isLikeRing(trimmed)) return hasPrivateKey(trimmed) ? { type: 'full ring' } : { type: 'ring', text: trimmed };
  if (handles.size > 1) return { type: 'log' };
  return only === undefined ? { type: 'handle', handle: trimmed, among: false } : { type: 'handle', handle: only, among: only !== trimmed };
}

/** Also what only may be one, or a line of one: it is better refused than shown. */
function isLikeRing(text: string): boolean {
  return /["'](?:kty|crv|k|d|x)\\?["']\s*:|["']keys\\?["']\s*:\s*\[/.test(text);
}

/** Whether any object in a ring has a member `d`; where it is not even JSON, whether it seems to. */
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
