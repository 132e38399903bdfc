/** Finds what a redacted text still has of a handle's secret part: the IV, the ciphertext and the tag. */

/** The number of successive characters of the secret part that must not be left. */
export const WINDOW = 24;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Returns a handle's twin, which differs from the handle in every character of the secret part, except the dots. */
export function twinOf(handle) {
  const header = handle.slice(0, handle.indexOf('..'));
  const other = (character) => (character === '.' ? '.' : ALPHABET.charAt((ALPHABET.indexOf(character) + 1) % ALPHABET.length));
  return header + [...handle.slice(header.length)].map(other).join('');
}

/**
 * Returns where a text has the characters of a handle's secret part. `twinText` is the same text with the handle's twin
 * in place of the handle. So the two texts differ only in these characters.
 */
export function placesOfSecret(text, twinText) {
  if (text.length !== twinText.length) throw new Error('the two texts must have the same form');
  const places = [];
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) !== twinText.charCodeAt(at)) places.push(at);
  return places;
}

/**
 * Finds the parts of a text that are left after redaction. Returns for each part the number of its secret characters,
 * and how many secret characters precede it in the text.
 *
 * @throws {Error} if the redacted text has a part that the text lacks
 */
function partsLeft(text, redacted, places) {
  const parts = redacted.split(/\[handle(?:, cut| [A-Za-z0-9_-]{16})\]/);
  let [from, next] = [0, 0];
  return parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    const start = index === 0 ? 0 : isLast ? text.length - part.length : text.indexOf(part, from);
    if (start < from || !text.startsWith(part, start)) throw new Error(`the text was changed: ${JSON.stringify(part.slice(0, 200))}`);
    from = start + part.length;
    while (next < places.length && places[next] < start) next += 1;
    const first = next;
    while (next < places.length && places[next] < from) next += 1;
    return { first, count: next - first };
  });
}

/**
 * Says which piece of a secret part is left and should not be; undefined if there is none. A piece may stay on a
 * reported line, because the command then exits with 3.
 *
 * @param {{ text: string, out: string, places: readonly number[], lines: readonly number[], suspects: number }}
 *   redaction
 * @param {number} window how many successive characters must not be left
 */
export function leakIn({ text, out, places, lines, suspects }, window = WINDOW) {
  for (const { first, count } of partsLeft(text, out, places)) {
    for (let at = first; at + window <= first + count; at += 1) {
      const [start, end] = [places[at], places[at + window - 1] + 1];
      if (isNamed(text, start, end, lines, suspects)) continue;
      return `${count} characters of the secret part are left, from number ${first} on: ${JSON.stringify(text.slice(start, end))}`;
    }
  }
  return undefined;
}

/** Tells whether a line between two places was reported. If not all suspect lines are listed, it may have been. */
function isNamed(text, start, end, lines, suspects) {
  if (suspects > lines.length) return true;
  const named = new Set(lines);
  let line = text.slice(0, start).split('\n').length;
  for (let at = start; at < end; at += 1) {
    if (named.has(line)) return true;
    if (text.charAt(at) === '\n') line += 1;
  }
  return false;
}
