/** Recognizes the smallest parts of values in logs: characters, strings and words. */

/** The codes of the characters that matter in values. */
export const [TAB, NEWLINE, RETURN, BLANK, QUOTE, APOSTROPHE, COMMA, COLON] = [9, 10, 13, 32, 34, 39, 44, 58] as const;
export const [OPEN_ARRAY, BACKSLASH, CLOSE_ARRAY, BACKTICK, OPEN_OBJECT, CLOSE_OBJECT] = [91, 92, 93, 96, 123, 125] as const;

/** The result of {@link endOfString} if the line ends before the string does. */
export const UNCLOSED = -1;
/** The result of {@link endOfString} if the text ends before the string or the line does. */
export const OPEN_END = -2;

/**
 * Returns the index of the quotation mark that closes a string, or {@link UNCLOSED}, or {@link OPEN_END}.
 *
 * @param from the index after the quotation mark that opens the string
 */
export function endOfString(text: string, from: number, quote: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    if (code === BACKSLASH) at += 1;
    else if (code === NEWLINE) return UNCLOSED;
  }
  return OPEN_END;
}

/** Returns the index after a word without quotation marks. */
export function endOfWord(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); isOfWord(code); code = text.charCodeAt(at)) at += 1;
  return at;
}

function isOfWord(code: number): boolean {
  switch (code) {
    case TAB:
    case NEWLINE:
    case RETURN:
    case BLANK:
    case QUOTE:
    case APOSTROPHE:
    case BACKTICK:
    case COMMA:
    case COLON:
    case OPEN_ARRAY:
    case CLOSE_ARRAY:
    case OPEN_OBJECT:
    case CLOSE_OBJECT:
      return false;
    default:
      return code >= 0;
  }
}

/** Passes over spaces, tabs and carriage returns. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === BLANK || code === TAB || code === RETURN;
}

/** Returns the index of the next opening bracket, where a value may begin, or of the end of the line. */
export function endOfPlainText(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === OPEN_OBJECT || code === OPEN_ARRAY || code === NEWLINE) break;
  }
  return at;
}

/** Returns the value that a word stands for: a number, a boolean, null, or the word itself. */
export function valueOfWord(word: string): unknown {
  if (/^-?\d/.test(word)) {
    const number = Number(word);
    return Number.isNaN(number) ? word : number;
  }
  if (/^(?:true|True)$/.test(word)) return true;
  if (/^(?:false|False)$/.test(word)) return false;
  return /^(?:null|None|undefined|nil)$/.test(word) ? null : word;
}

/** How many spaces may precede a comma at the beginning of a line. */
const MOST_BLANKS = 64;

/**
 * Passes over lines that leave no value open. Most lines of a log are such lines, so the function looks at few
 * characters.
 *
 * @param from the index at which a line begins
 * @param to the function stops before the line that contains this index
 * @returns the index of the first line that was not passed over, and the number of lines that were passed over
 */
export function passOverClosedLines(text: string, from: number, to: number): { readonly next: number; readonly count: number } {
  let [line, count] = [from, 0];
  for (;;) {
    const end = text.indexOf('\n', line);
    if (end === -1 || end >= to || (mayGoOn(text, line, end) && isOpenAt(text, line, end))) return { next: line, count };
    line = end + 1;
    count += 1;
  }
}

/**
 * Tells whether a value may continue after a line. Such a line ends with an opening bracket, a colon or a comma, or the
 * next line begins with a comma.
 */
function mayGoOn(text: string, line: number, end: number): boolean {
  let last = end - 1;
  while (last >= line && isBlank(text.charCodeAt(last))) last -= 1;
  const code = text.charCodeAt(last);
  if (last >= line && (code === OPEN_OBJECT || code === OPEN_ARRAY || code === COMMA || code === COLON)) return true;
  let next = end + 1;
  while (next <= end + MOST_BLANKS && isBlank(text.charCodeAt(next))) next += 1;
  return text.charCodeAt(next) === COMMA;
}

/** Tells whether a bracket is open at the end of a line. Quotation marks count only within brackets. */
function isOpenAt(text: string, line: number, end: number): boolean {
  let depth = 0;
  for (let at = line; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) depth += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) depth = Math.max(0, depth - 1);
    else if (depth > 0 && (code === QUOTE || code === APOSTROPHE || code === BACKTICK)) {
      at = endOfString(text, at + 1, code);
      if (at < 0) return true;
    }
  }
  return depth > 0;
}

/**
 * Matches the prefix that programs add to each line: a writer such as `web-1 | `, a time, a stream, and a mark such as
 * `>`.
 */
const LEAD =
  /[ \t]*(?:[\w./-]{1,64}[ \t]*\|[ \t]?)?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?[ \t]+(?:std(?:out|err) [FP] )?)?(?:[>#][ \t])?/y;

/**
 * Returns the index after the prefix of a line.
 *
 * @param at the index at which the line begins
 */
export function endOfLead(text: string, at: number): number {
  LEAD.lastIndex = at;
  return LEAD.test(text) ? LEAD.lastIndex : at;
}
