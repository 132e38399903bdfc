/**
 * Tells what of a handle's secret part is left in a redacted text. The secret part is all behind the header: IV,
 * ciphertext and tag.
 */

/** So many characters of the secret part in a row may be left, and no more. */
export const WINDOW = 24;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The same handle with another character at every place of its secret part. Its dots stay. */
export function twinOf(handle) {
  const header = handle.slice(0, handle.indexOf('..'));
  const other = (character) => (character === '.' ? '.' : ALPHABET.charAt((ALPHABET.indexOf(character) + 1) % ALPHABET.length));
  return header + [...handle.slice(header.length)].map(other).join('');
}

/**
 * Where in a text the characters of a secret part stand: there, and only there, the text differs from the same text
 * with the handle's twin.
 */
export function placesOfSecret(text, twinText) {
  if (text.length !== twinText.length) throw new Error('the two texts must have the same form');
  const places = [];
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) !== twinText.charCodeAt(at)) places.push(at);
  return places;
}

/**
 * The parts of a text that are left in its redacted form, each with the number of secret characters in it.
 *
 * @throws {Error} if the redacted form has something that the text has not
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
 * What is left of a secret part and should not be: nothing, or a sentence that says what. A line that the redactor has
 * named may keep its pieces, since the redactor then ends with 3.
 *
 * @param {{ text: string, out: string, places: readonly number[], lines: readonly number[], suspects: number }} redaction
 */
export function leakIn({ text, out, places, lines, suspects }) {
  for (const { first, count } of partsLeft(text, out, places)) {
    for (let at = first; at + WINDOW <= first + count; at += 1) {
      const [start, end] = [places[at], places[at + WINDOW - 1] + 1];
      if (isNamed(text, start, end, lines, suspects)) continue;
      return `${count} characters of the secret part are left, from number ${first} on: ${JSON.stringify(text.slice(start, end))}`;
    }
  }
  return undefined;
}

/** Whether one of the lines between two places is named. Of very many lines the redactor names the first ones. */
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
