import { protectedHeader } from '../../handle/index.ts';

/** The text with which every handle begins: its header in base64url, up to the value of `kid`. */
const BEGINNING = btoa(JSON.stringify(protectedHeader('', false)).slice(0, 36));

/**
 * Matches a handle that stands whole in other text. No character of base64url and no further part may touch it. `%22`
 * and `\n` in front of it are the end of an escape, although they end like base64url.
 */
const WHOLE = new RegExp(
  String.raw`(?<=%[0-9A-Fa-f]{2}|\\[nrt]|(?<![\w-]\.?))${BEGINNING}[\w-]{1,123}\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}(?!\.?[\w-])`,
  'g',
);

/**
 * White space, invisible characters and quotation marks, which models and hosts put around a copied handle. No handle
 * begins or ends with one of them.
 */
const AROUND = /[\s\u200b-\u200d\u2060"'`<>\\“”„‘’‚«»‹›]/;

/**
 * Returns the handle that stands in other text or in JSON, such as `**eyJ…**` or `{"handle":"eyJ…"}`. The argument must
 * contain exactly one handle, though it may contain it twice. A second handle counts even if it is cut short. Every
 * character of the handle itself counts: the format allows one spelling.
 *
 * @param given the argument, as the client sent it
 * @returns the handle; without one, the argument itself, and a string without white space and quotation marks around it
 */
export function bareHandle(given: unknown): unknown {
  const text = textOf(given);
  if (text === undefined) return given;
  const [handle, ...others] = text.match(WHOLE) ?? [];
  const isOnly = others.every((other) => other === handle) && text.split(BEGINNING).length === others.length + 2;
  if (handle !== undefined && isOnly) return handle;
  return trimmedHandle(given);
}

/** Returns the text to search: a string, or the JSON of a list or an object. JSON escapes no character of a handle. */
function textOf(given: unknown): string | undefined {
  if (typeof given === 'string') return given;
  if (typeof given !== 'object') return undefined;
  try {
    return JSON.stringify(given);
  } catch {
    // The value nests too deep for the call stack.
    return undefined;
  }
}

/**
 * Removes white space, invisible characters and quotation marks around a handle.
 *
 * @param given the argument, as the client sent it; returned unchanged if it is not a string
 */
export function trimmedHandle(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  let [start, end] = [0, given.length];
  while (start < end && AROUND.test(given.charAt(start))) start += 1;
  while (end > start && AROUND.test(given.charAt(end - 1))) end -= 1;
  return given.slice(start, end);
}
