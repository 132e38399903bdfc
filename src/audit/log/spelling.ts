/** Reads JSON that a program wrote into another text, and escaped for that text. */

/**
 * For each kind of escapes: a pattern for the beginning of escaped JSON, a pattern for the text that is escaped, and a
 * function that undoes the escapes.
 */
const SPELLINGS: readonly { readonly begins: RegExp; readonly all: RegExp; undo(text: string): string }[] = [
  // Backslashes before quotation marks, as in logfmt or in the string literals of a program.
  { begins: /[{[][\s{[]{0,16}\\{1,64}["']/y, all: /^.*/s, undo: (text) => text.replace(/\\(["'\\/])/g, '$1') },
  // Doubled quotation marks, as in CSV (RFC 4180 §2). The text ends at the end of its field.
  { begins: /[{[][\s{[]{0,16}""(?=\w)/y, all: /^(?:[^"]|"")*/, undo: (text) => text.replaceAll('""', '"') },
  // Hexadecimal escapes, as in the access logs of nginx. The text ends at the end of its quotation.
  { begins: /[{[][\s{[]{0,16}\\x22/y, all: /^[^"]*/, undo: (text) => text.replace(/\\x[0-9a-fA-F]{2}/g, unquoted) },
  { begins: /[{[][\s{[]{0,16}&(?:quot|#34|#x22);/iy, all: /^.*/s, undo: (text) => unescapedHtml(text) },
];

/** Escaped JSON without one level of its escapes, and the index after it in the text that contains it. */
export interface Respelled {
  readonly text: string;
  readonly end: number;
}

/** Undoes one level of escapes between two indexes. Returns undefined if no escaped JSON begins at `at`. */
export function respelled(text: string, at: number, end: number): Respelled | undefined {
  for (const { begins, all, undo } of SPELLINGS) {
    begins.lastIndex = at;
    if (!begins.test(text)) continue;
    const escaped = all.exec(text.slice(at, end))?.[0] ?? '';
    return { text: undo(escaped), end: at + escaped.length };
  }
  return undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  '#34': '"',
  '#x22': '"',
  apos: "'",
  '#39': "'",
  lt: '<',
  gt: '>',
  amp: '&',
};

function unescapedHtml(text: string): string {
  return text.replace(/&([a-z]+|#\d+|#x[0-9a-f]+);/gi, (entity, name: string) => ENTITIES[name.toLowerCase()] ?? entity);
}

/** Undoes the usual escapes in a string literal of JSON, JavaScript or Python. */
export function unquoted(raw: string): string {
  if (!raw.includes('\\')) return raw;
  return raw.replace(/\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))/g, (_all, point, unit, byte, other) => {
    const code = point ?? unit ?? byte;
    if (code === undefined) return ESCAPES[other] ?? other;
    const value = Number.parseInt(code, 16);
    return value <= 0x10ffff ? String.fromCodePoint(value) : '';
  });
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', 0: '\0' };
