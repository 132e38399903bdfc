/** Tells where a cut handle, or a piece of a handle, ends: which of the next words still belong to it. */
import { hasBreakBefore, type Joined } from './joined.ts';
import { isLikeCiphertext, isSuspect, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from './pieces/ciphertext.ts';

/**
 * Returns the index after the last piece that continues the first piece. Ordinary words after a cut handle do not
 * count.
 */
export function endOfPieces(text: string, read: Joined, from: number): number {
  let last = from;
  /** The index of the first of several short pieces, which are judged together. -1 if the last piece is long. */
  let short = -1;
  for (let at = from; at < read.text.length; ) {
    let end = at + 1;
    while (!hasBreakBefore(read, end)) end += 1;
    if (end - at >= SHORTEST_SUSPECT) short = -1;
    else if (short === -1) short = at;
    if (at === from || isNextPiece(text, read, last, short === -1 ? at : short, end)) last = end;
    else if (short === -1) break;
    at = end;
  }
  // Full stops at the end belong to the sentence around the handle.
  while (last > from + 1 && read.text.charAt(last - 1) === '.') last -= 1;
  return read.to[last - 1] ?? 0;
}

/** Matches a line end in any spelling. */
const NEXT_LINE = /[\r\n]|\\(?:[rn]|u000[aAdD]|x0[aAdD])|%0[aAdD]|&(?:#1[03]|#[xX]0{0,4}[aAdD]|NewLine);|<(?:br|p|div|li|tr|\/)/i;

/**
 * Matches the end of a field: a quotation mark, or a control character that separates fields. The next field may be an
 * id.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: some formats separate fields with control characters.
const NEXT_FIELD = /["'\u001c-\u001f]/;

/** Matches the beginning of a log record: a time or a brace. */
const NEXT_RECORD = /\{|\d\d:\d\d:\d\d/;

/** Matches a line end after a mark that continues the line: the backslash of a shell or the `=` of quoted-printable. */
const CONTINUED = /[\\=][ \t]{0,64}\r?\n/;

/** Matches a further word on the line. The frame of a table is not a word. */
const MORE_WORDS = /^[ \t]+[^\s|\\=\u2500-\u257f\u00e2]/;

/**
 * Tells whether text continues the piece that ended at `last`. Within a line, text that hardly looks like a word
 * continues the piece. A new line, field or record may begin with a digest, an id or a time, so the conditions there
 * are stricter.
 */
function isNextPiece(text: string, read: Joined, last: number, from: number, end: number): boolean {
  const between = text.slice(read.to[last - 1], read.from[from]);
  const isSameLine = !NEXT_LINE.test(between) || CONTINUED.test(between);
  if (isSameLine && !NEXT_FIELD.test(between)) return isSuspect(read.text, from, end);
  const first = Math.max(from, end - 2 * SHORTEST_JUDGED);
  if (isLikeCiphertext(read.text, first, end)) return true;
  if (NEXT_RECORD.test(between) || MORE_WORDS.test(text.slice(read.to[end - 1], (read.to[end - 1] ?? 0) + 80))) return false;
  return isSuspectPiece(read.text, first, end);
}
