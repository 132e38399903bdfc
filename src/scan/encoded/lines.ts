/** Tells where base64 begins: on an earlier line, within the line, or after a word that only looks like base64. */

/** A word may belong to base64 that begins up to this many characters before the word. */
export const BACK = 400;

/**
 * Matches a line break within base64, as in MIME and PEM. The line break may be an escape. The next line may be quoted
 * or indented.
 */
export const LINE = String.raw`(?:[ \t]*\r?\n[ \t>+]*|(?:\\{1,4}[rn])+)`;

export const LINES = new RegExp(LINE);
const LINES_AND_BREAKS = new RegExp(`(${LINE})`);

/** How many characters before an index are read, to tell whether base64 begins at the index. */
const LONGEST_LINE_BEFORE = 256;

/**
 * Returns how many characters before an index belong to the base64 around the index: on all lines (`joined`), and on
 * the line of the index (`own`). The lines of base64 are equally long, but the last line may be shorter.
 *
 * @param text the text before the index
 * @param width the number of characters from the index to the end of its line
 */
export function lengthsBefore(text: string, width: number): readonly [joined: number, own: number] {
  const parts = text.split(LINES_AND_BREAKS);
  const own = parts.at(-1)?.length ?? 0;
  const longest = parts.at(-3)?.length ?? 0;
  let length = own;
  for (let at = parts.length - 3; at >= 0 && longest >= own + width && parts[at]?.length === longest; at -= 2)
    length += longest + (parts[at + 1]?.length ?? 0);
  return [length, own];
}

/** The prefix of a digest or a nonce in Subresource Integrity, in content security policies and in lock files. */
export const DIGEST_NAME = '(?:sha(?:1|224|256|384|512)|nonce)-';

const BEFORE_BASE64 = new RegExp(`(?:[^A-Za-z0-9+/_-]|(?<![A-Za-z0-9+/_-])${DIGEST_NAME})$`);

/**
 * Tells whether base64 certainly begins at an index. It does after a character that base64 does not contain, after the
 * name of a digest, and below a line that is shorter.
 */
export function beginsAt(text: string, start: number, base64: string): boolean {
  const lines = text.slice(Math.max(0, start - LONGEST_LINE_BEFORE), start).split(LINES);
  const line = lines.at(-1) ?? '';
  if (line !== '') return BEFORE_BASE64.test(line);
  const lengthBefore = /[A-Za-z0-9+/_-]*$/.exec(lines.at(-2) ?? '')?.[0].length ?? 0;
  return lines.length > 1 && lengthBefore < lengthOfLine(base64);
}

export function lengthOfLine(base64: string): number {
  return LINES.exec(base64)?.index ?? base64.length;
}

/**
 * Returns the beginning of the base64 around an index, up to the index.
 *
 * @param isPatch whether a plus sign at the beginning of a line may mark a line that a patch adds. Otherwise, the base64
 *   begins after this sign
 */
export function before(text: string, place: number, isPatch: boolean): string {
  let at = place;
  while (at > 0 && place - at < BACK) {
    if (!isPatch && text.charAt(at - 1) === '+' && /\n[ \t>]*\+*$/.test(text.slice(Math.max(0, at - 16), at))) break;
    if (/[A-Za-z0-9+/]/.test(text.charAt(at - 1)) && !(text.charAt(at - 2) === '\\' && /[rn]/.test(text.charAt(at - 1)))) at -= 1;
    else {
      const gap = /(?:[ \t]*\r?\n[ \t>]*|(?:\\{1,4}[rn])+)$/.exec(text.slice(Math.max(0, at - 16), at))?.[0].length ?? 0;
      if (gap === 0) break;
      at -= gap;
    }
  }
  return text.slice(at, place);
}
