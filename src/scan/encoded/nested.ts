/** Finds handles in base64 within other text, and in base64 within this base64. */
import { bytesOf, contentOf, findBase64, placeOfHandle } from '../base64.ts';
import { START } from '../find.ts';

/** Matches the beginning of a handle, or its first three characters as numeric escapes. */
export const BEGINNING = new RegExp(
  `${START}|${[...START.slice(0, 3)]
    .map((character) => {
      const code = character.charCodeAt(0);
      const hexadecimal = code.toString(16).replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
      return `(?:%(?:25){0,8}${hexadecimal}|=${hexadecimal}|\\\\{1,16}(?:u00|x)${hexadecimal}|&#(?:0{0,4}${code}|[xX]0{0,4}${hexadecimal});)`;
    })
    .join('')}`,
);

/** How many levels of base64 within base64 are searched. */
export const MOST_LEVELS = 4;

/**
 * Tells whether a text contains base64 that encodes a handle, directly or in further base64.
 *
 * @param depth how many levels of base64 surround the text
 */
export function encodesHandle(text: string, depth: number): boolean {
  if (depth >= MOST_LEVELS) return false;
  for (let run = findBase64(text, 0); run !== undefined; run = findBase64(text, run.end)) {
    if (placeOfHandle(run.digits) !== undefined) return true;
    const content = contentOf(bytesOf(run.digits));
    if (content.type === 'text' && (BEGINNING.test(content.text) || encodesHandle(content.text, depth + 1))) return true;
  }
  return false;
}
