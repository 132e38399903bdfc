/** Whole handles that something broke into pieces on their way: lines that were wrapped, quoted, escaped or coloured. */
import { type FoundHandle, HANDLE_PREFIX, LONGEST_HANDLE, readAt } from './find.ts';

/** How every header of a handle begins; the rest of {@link HANDLE_PREFIX} may stand on another line. */
export const START = HANDLE_PREFIX.slice(0, 16);

/** A handle whose characters were found among what broke it. */
export interface BrokenHandle extends FoundHandle {
  /** Where it ends in the text, behind its last character. */
  readonly end: number;
}

/** A time in ISO 8601, as log lines begin with. */
const TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?`;

/** What stands before the rest of a line: who or when (`web-1  | `, `2026-… stdout P `), and marks of quotations, comments and tables. */
const PREFIX = String.raw`(?:[ \t]*(?:[\w.-]{1,64}[ \t]*\|[ \t]*)?(?:${TIME}[ \t]+(?:std(?:out|err) [PF] )?)?(?:(?:[>|#*;]|//|--(?=[ \t]))[ \t]*)*)`;

/** What breaks a handle and is none of it. A text may stand for bytes, so that characters beyond ASCII are met in UTF-8, too. */
const BREAKS = [
  // Line breaks, continued or not (shell, quoted-printable), and texts that a program joins again.
  String.raw`[\\=]?\r?\n${PREFIX}`,
  String.raw`["'\u0060][ \t]*[+.,]?[ \t]*[\\]?\r?\n${PREFIX}[+.]?[ \t]*["'\u0060]`,
  // The same as escapes: JSON and its like, URLs, HTML.
  String.raw`\\{1,16}(?:[rnt]|u000[9aAdD]|x0[9aAdD])[ \t]*`,
  String.raw`%(?:25)*(?:0[9AaDd]|20)`,
  String.raw`&(?:#0*1[03]|#x0*[aAdD]|shy|#173|#xad|ZeroWidthSpace|nbsp);`,
  String.raw`<(?:br|wbr)[ ]?/?>`,
  // What a terminal obeys, and what nobody sees.
  String.raw`\u001b\[[0-9;]{0,32}[A-Za-z]`,
  String.raw`[\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]`,
  String.raw`\u00e2\u0080[\u008b-\u008f\u00a8-\u00ae]|\u00e2\u0081[\u00a0-\u00a9]|\u00ef\u00bb\u00bf|\u00c2\u00ad`,
].join('|');

/** A dot, `-` or `_` as an escape. */
const ESCAPED = String.raw`%(?:25)*(?:2[DdEe]|5[Ff])|\\{1,16}(?:u00|x)(?:2[DdEe]|5[Ff])`;

/** Characters in the last part. */
const TAG_LENGTH = 22;

/** At the end of a text so much may be a break that goes on behind it. Characters. */
const LONGEST_BREAK = 160;

const TOKEN = new RegExp(String.raw`([A-Za-z0-9_-]+)|(\.)|(${ESCAPED})|(?:${BREAKS})`, 'y');

/** The parts of a handle as far as they have been read: what is missing of a whole one. */
const WHOLE = /^[A-Za-z0-9_-]{48,171}\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}/;

/**
 * Reads the handle that begins at a place in a text, through whatever breaks it.
 *
 * @param isLast whether nothing follows the text; otherwise a break near its end may go on
 * @returns `open` where the text ends before the handle does; undefined where it is none, or was cut
 */
export function readBroken(text: string, index: number, isLast: boolean): BrokenHandle | 'open' | undefined {
  let symbols = '';
  let at = index;
  /** So many parts have ended, and so many characters of the next have been read. */
  let [dots, length] = [0, 0];
  while (symbols.length <= LONGEST_HANDLE) {
    TOKEN.lastIndex = at;
    const [all, word, dot, escaped] = TOKEN.exec(text) ?? [];
    if (all === undefined) return text.length - at < LONGEST_BREAK ? 'open' : undefined;
    // Another one begins here; and a text full of beginnings is read once.
    if (at > index && word?.includes(START)) return undefined;
    const piece = word ?? dot ?? (escaped === undefined ? '' : unescaped(escaped));
    symbols += piece;
    at += all.length;
    if (piece === '.') [dots, length] = [dots + 1, 0];
    else length += piece.length;
    if (dots > 4) return undefined;
    if (piece === '' && !isLast && text.length - at < LONGEST_BREAK) return 'open';
    // Only now, for each look at what was put together takes time in proportion to it.
    if (dots < 4 || length < TAG_LENGTH) continue;
    const whole = WHOLE.exec(symbols)?.[0];
    if (whole === undefined) return undefined;
    const found = readAt(whole, 0);
    // What goes on behind the tag in the same word is another text, or another handle's.
    const surplus = symbols.length - whole.length;
    return found === undefined || surplus > 0 ? undefined : { ...found, index, end: at };
  }
  return undefined;
}

function unescaped(text: string): string {
  return String.fromCharCode(Number.parseInt(text.slice(-2), 16));
}
