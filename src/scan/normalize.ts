/**
 * Normalizes a text: undoes changes that programs make before the text reaches a log. Such changes are escapes, line
 * breaks and colours.
 */

import { type Mapped, rewritten } from './mapped.ts';
import { isSuspectPiece } from './pieces/ciphertext.ts';

/** Matches a time in ISO 8601. Many log lines begin with one. */
const TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?`;

/** Matches a character of a table's frame. The second alternative matches its UTF-8 bytes, decoded as ISO 8859-1. */
const FRAME = String.raw`[\u2500-\u257f]|\u00e2[\u0094\u0095][\u0080-\u00bf]`;

/**
 * Matches the name of the program that wrote the line, and a bar after the name. If the bar ends the line, the name
 * must be in small letters. A word with capitals may be a piece of a handle in a table.
 */
const WRITER = String.raw`(?:[a-z0-9_.-]{1,64}[ \t]*\||[\w.-]{1,64}[ \t]*\|(?![ \t]{0,64}[\r\n]))[ \t]*`;

/**
 * Matches the prefix of a line: the writer's name, a time, and the marks of quotations, comments, lists and tables.
 * Examples are `web-1 | ` and `2026-… stdout P `.
 */
const PREFIX = String.raw`(?:[ \t]*(?:${WRITER})?(?:${TIME}[ \t]+(?:std(?:out|err) [PF] )?)?(?:(?:[>|#*;+]|//|--?(?=[ \t])|${FRAME})[ \t]*)*)`;

/**
 * Matches a line end. The frame of a table may precede the line break. A mark that continues the line may also precede it:
 * the backslash of a shell, or the `=` of quoted-printable.
 */
const LINE_END = String.raw`[ \t]{0,64}(?:[\\=][ \t]{0,64})?(?:(?:[|]|${FRAME})[ \t]{0,64}){0,8}[\\=]?\r?\n`;

/**
 * Matches text that a terminal obeys and does not show: control sequences (ECMA-48), commands such as hyperlinks, and
 * carriage returns within a line.
 */
const TERMINAL = String.raw`\u001b\[[0-?]{0,64}[ -/]{0,8}[@-~]|\u001b\][^\u0007\u001b]{0,400}(?:\u0007|\u001b\\)|\u001b[@-Z\\^_=>]|\r(?!\n)`;

/**
 * Matches an invisible character: a control character except line breaks, or a format character (Unicode category Cf,
 * variation selectors). The last two patterns match its UTF-8 bytes, decoded as ISO 8859-1.
 */
export const INVISIBLE = [
  String.raw`[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]`,
  String.raw`\udb40[\udc00-\udfff]`,
  String.raw`\u00c2\u00ad|\u00d8\u009c|\u00e1\u00a0\u008e|\u00e2\u0080[\u008b-\u008f\u00a8-\u00ae]|\u00e2\u0081[\u00a0-\u00af]`,
  String.raw`\u00ef\u00b8[\u0080-\u008f]|\u00ef\u00bb\u00bf|\u00f3\u00a0[\u0080-\u0087][\u0080-\u00bf]`,
].join('|');

/** Matches an HTML tag that begins a new line. All other tags stand within a line. */
const BLOCK = '<(?:br|p|div|li|tr|/p|/div|/li|/tr)(?:[ /][^<>]{0,200})?>';

const UNSEEN = new RegExp(`(${BLOCK})|${TERMINAL}|${INVISIBLE}|<[A-Za-z/!][^<>]{0,200}>`, 'gi');

const WRAP = new RegExp(`${LINE_END}(?=(${PREFIX}))\\1`, 'g');

/**
 * How many characters after a line break are searched for the rest of a handle, if the prefix of the line is unknown.
 */
export const UNKNOWN_PREFIX = 240;

/**
 * The shortest word that counts as a piece of a handle after an unknown prefix. A shorter word may belong to the
 * prefix.
 */
const SHORTEST_PIECE = 12;

/** Matches the member names that loggers, container runtimes and log stores use for the message of a record. */
const MESSAGE = '(?:log|message|MESSAGE|msg|line|text|textPayload|body|stringValue|content|data|event)';

/**
 * Matches the text between two parts of a word that a program split over two JSON records. This text is the rest of the
 * first record, and the second record up to its message.
 */
const RECORD = new RegExp(
  String.raw`(?<=[A-Za-z0-9_.-])(?:"[^{}]{0,400}(?:\{[^{}]{0,300}\}[^{}]{0,200})?\}\s{0,8},?\s{0,8}\{[^{}]{0,400}?"${MESSAGE}"\s{0,4}:\s{0,4}"${PREFIX}){1,8}(?=[A-Za-z0-9_.-])`,
  'g',
);

/**
 * Matches the time and the stream name that a container runtime writes before each part of a line. If a
 * program joined the parts again, the time and the name stand in the middle of a line.
 */
const STAMP = new RegExp(String.raw`(?<=[A-Za-z0-9_.-])${TIME}[ \t]+(?:std(?:out|err) [PF] )?(?=[A-Za-z0-9_.-])`, 'g');

/** Matches what separates two string literals that a program joins: quotation marks, often with an operator. */
const CONCATENATION = /(?<=[A-Za-z0-9_.-])["'`][ \t]{0,16}[+.,&]?[ \t]{0,16}["'`](?=[A-Za-z0-9_.-])/g;

/**
 * Matches a break: text that a program inserted into a handle when it wrote the handle to a log, such as a line break, a
 * tag or a colour. {@link normalized} also removes breaks that this pattern does not match.
 */
export const BREAK = new RegExp(
  [
    String.raw`(?:["'\u0060][ \t]{0,16}[+.,&]?)?${LINE_END}${PREFIX}(?:[+.&]?[ \t]{0,16}["'\u0060])?`,
    String.raw`\\{1,16}(?:[rnt]|u(?:00(?:0[9aAdD]|1[bB]|[aA][dD])|20[0-9a-fA-F]{2})|x(?:0[9aAdD]|1[bB]))[ \t]{0,16}`,
    '%(?:25){0,8}(?:0[9AaDd]|1[bB]|20|[cC]2%[aA][dD]|[eE]2%8[01]%[0-9a-fA-F]{2})',
    String.raw`\\{1,16}u(?:\{0{0,4}(?:9|[aAdD]|1[bB]|[aA][dD]|20[0-9a-fA-F]{2}|[fF][eE][fF]{2})\}|003[cC][A-Za-z/][^<>\\\n]{0,64}\\{1,16}u003[eE])`,
    '&(?:#\\d{1,7}|#[xX][0-9a-fA-F]{1,6}|shy|nbsp|ZeroWidthSpace|NewLine|lt;[a-zA-Z/]{1,64}&gt);',
    `<[A-Za-z/!][^<>]{0,200}>|${TERMINAL}|${INVISIBLE}`,
  ].join('|'),
  'y',
);

/** Matches an incomplete break at the end of a text. */
export const BEGINNING_OF_BREAK = new RegExp(
  [
    String.raw`\\{1,16}(?:u[0-9a-fA-F]{0,3}|u\{[0-9a-fA-F]{0,6}|u003[cC][^<>\n]{0,80}|x[0-9a-fA-F]?)?`,
    '%[0-9a-fA-F%]{0,16}|=[0-9a-fA-F]?|&[#A-Za-z0-9;/]{0,70}|<(?:[A-Za-z/!][^<>\\n]{0,200})?',
    String.raw`\u001b(?:\[[0-?]{0,64}[ -/]{0,8}|\][^\u0007\u001b]{0,400}\u001b?)?|[\u0080-\u00ff]{1,3}|\udb40`,
  ]
    .map((one) => `(?:${one})$`)
    .join('|'),
  'y',
);

const ESCAPE = new RegExp(
  [
    String.raw`\\(?:[ux]\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))`,
    '%(?:u([0-9a-fA-F]{4})|([0-9a-fA-F]{2}))|=([0-9A-F]{2}|[2-7][a-f])|&#[xX]([0-9a-fA-F]{1,6});?',
    String.raw`&#(\d{1,7});?|\\([0-3][0-7]{2})`,
    String.raw`&([A-Za-z]{2,16});|\\([nrtfvbae0"'\u0060\\/._-])`,
  ].join('|'),
  'g',
);

const LETTERS: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  f: '\f',
  v: '\v',
  b: '\b',
  a: '\u0007',
  e: '\u001b',
  0: '\0',
};

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '\u00ad',
  ZeroWidthSpace: '\u200b',
  NewLine: '\n',
  period: '.',
  lowbar: '_',
  hyphen: '-',
};

function unescaped([, ...groups]: RegExpExecArray): string | undefined {
  const [hexadecimal, decimal, octal, entity, letter] = [groups.slice(0, 8).find(Boolean), ...groups.slice(8)];
  if (entity !== undefined) return ENTITIES[entity];
  if (letter !== undefined) return LETTERS[letter] ?? letter;
  const code = hexadecimal ? Number.parseInt(hexadecimal, 16) : octal ? Number.parseInt(octal, 8) : Number(decimal);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Matches an escape without its backslash. */
const ESCAPED = /(?:[nrt"'\\/]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-3][0-7]{2})/y;

/**
 * The ways to join lines:
 *
 * - `known` removes line breaks, and the prefixes of known programs. A backslash at a line end may begin an escape.
 * - `continued` does the same, but a backslash at a line end only marks that the line continues.
 * - `any prefix` removes line breaks and all text before the first word that looks like a piece of a handle.
 */
export type Join = 'known' | 'continued' | 'any prefix';

function withJoinedLines(source: Mapped, join: Join): Mapped {
  const { text } = source;
  /** A pattern for the last unknown prefix. The next lines of the same program also match it. */
  let shape: RegExp | undefined;
  return rewritten(source, WRAP, (match) => {
    const [all, prefix = ''] = match;
    const end = match.index + all.length;
    if (join !== 'any prefix') return join === 'known' && isEscape(text, match.index, end) ? '\\' : '';
    const [line = ''] = /^[^\r\n]*/.exec(text.slice(end - prefix.length, end + UNKNOWN_PREFIX)) ?? [];
    const skipped = shape?.exec(line)?.[0].length ?? placeOfPiece(line, prefix.length);
    if (skipped > prefix.length) shape = shapeOf(line.slice(0, skipped));
    return { put: '', length: all.length - prefix.length + Math.max(skipped, prefix.length) };
  });
}

/**
 * Tells whether a line break cuts an escape after its backslash. Programs that fold lines can do this. If a
 * neighbouring line also ends with a backslash, the backslash marks a continued line instead.
 */
function isEscape(text: string, from: number, end: number): boolean {
  ESCAPED.lastIndex = end;
  if (!/^\\\r?\n/.test(text.slice(from, end)) || !ESCAPED.test(text)) return false;
  const [before, behind] = [text.lastIndexOf('\n', from), text.indexOf('\n', end)];
  return (
    !/\\\r?\n$/.test(text.slice(Math.max(0, before - 2), before + 1)) && !/\\\r?\n$/.test(text.slice(Math.max(0, behind - 2), behind + 1))
  );
}

/** Returns the index of the first word that looks like a piece of a handle, or -1 if there is no such word. */
export function placeOfPiece(text: string, from: number): number {
  for (const { 0: word, index } of text.slice(from).matchAll(/[A-Za-z0-9_.-]+/g)) {
    if (word.length >= SHORTEST_PIECE && isSuspectPiece(word)) return from + index;
  }
  return -1;
}

/** Returns a pattern for lines that begin with a given prefix. The numbers in the prefix may differ. */
export function shapeOf(prefix: string): RegExp {
  const pattern = prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[0-9]+/g, '[0-9]+');
  return new RegExp(`^${pattern}`);
}

/** The maximum number of rounds. Without a maximum, a hostile text could cost much time. */
const MOST_ROUNDS = 12;

/**
 * Normalizes a text in rounds, because several programs may have changed it in turn. Each round undoes every kind of
 * change once. The rounds end when nothing changes.
 */
export function normalized(source: Mapped, join: Join): Mapped {
  let now = source;
  for (let count = 0; count < MOST_ROUNDS; count += 1) {
    const before = now;
    now = rewritten(now, UNSEEN, ([, block]) => (block === undefined ? '' : '\n'));
    // Escapes come before line breaks, because a program may have escaped the prefix of a line. If a line break cut an
    // escape, the next round decodes the escape.
    now = rewritten(now, ESCAPE, unescaped);
    now = withJoinedLines(now, join);
    now = rewritten(now, STAMP, () => '');
    now = rewritten(now, RECORD, () => '');
    now = rewritten(now, CONCATENATION, () => '');
    if (now === before) break;
  }
  return now;
}

/** Removes the spaces between words, because some programs turn line breaks into spaces. */
export function withoutSpaces(source: Mapped): Mapped {
  return rewritten(source, /(?<=[A-Za-z0-9_.-])[ \t]+(?=[A-Za-z0-9_.-])/g, () => '');
}
