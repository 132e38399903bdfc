/** Undoes what programs do to a text on its way into a log. Each layer undoes one such change, everywhere in the text. */
import { isSuspectPiece } from './ciphertext.ts';
import { type Mapped, rewritten } from './mapped.ts';

/** A time in ISO 8601 at the beginning of a log line. */
const TIME = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?`;

/** The characters of a table's frame, also as bytes of UTF-8. */
const FRAME = String.raw`[\u2500-\u257f]|\u00e2[\u0094\u0095][\u0080-\u00bf]`;

/**
 * The writer of a line, before a bar. A word with capitals is no writer if the bar ends the line, because this word may be
 * the piece of a handle in a table.
 */
const WRITER = String.raw`(?:[a-z0-9_.-]{1,64}[ \t]*\||[\w.-]{1,64}[ \t]*\|(?![ \t]{0,64}[\r\n]))[ \t]*`;

/** The prefix of a line: the writer or the time (`web-1  | `, `2026-… stdout P `), and the marks of quotations, comments, lists and tables. */
const PREFIX = String.raw`(?:[ \t]*(?:${WRITER})?(?:${TIME}[ \t]+(?:std(?:out|err) [PF] )?)?(?:(?:[>|#*;+]|//|--?(?=[ \t])|${FRAME})[ \t]*)*)`;

/** The end of a line, with the mark that continues it (shell, quoted-printable) or the frame of a table. */
const LINE_END = String.raw`[ \t]{0,64}(?:[\\=][ \t]{0,64})?(?:(?:[|]|${FRAME})[ \t]{0,64}){0,8}[\\=]?\r?\n`;

/**
 * Text that a terminal obeys and does not show: control sequences (ECMA-48), commands such as hyperlinks, and returns to
 * the beginning of the line.
 */
const TERMINAL = String.raw`\u001b\[[0-?]{0,64}[ -/]{0,8}[@-~]|\u001b\][^\u0007\u001b]{0,400}(?:\u0007|\u001b\\)|\u001b[@-Z\\^_=>]|\r(?!\n)`;

/** Invisible characters: control characters except line breaks, and formatting characters (Unicode's Cf and variation selectors), also as bytes of UTF-8. */
export const INVISIBLE = [
  String.raw`[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]`,
  String.raw`\udb40[\udc00-\udfff]`,
  String.raw`\u00c2\u00ad|\u00d8\u009c|\u00e1\u00a0\u008e|\u00e2\u0080[\u008b-\u008f\u00a8-\u00ae]|\u00e2\u0081[\u00a0-\u00af]`,
  String.raw`\u00ef\u00b8[\u0080-\u008f]|\u00ef\u00bb\u00bf|\u00f3\u00a0[\u0080-\u0087][\u0080-\u00bf]`,
].join('|');

/** The elements of HTML that begin a line. All other elements stand within a line. */
const BLOCK = '<(?:br|p|div|li|tr|/p|/div|/li|/tr)(?:[ /][^<>]{0,200})?>';

const UNSEEN = new RegExp(`(${BLOCK})|${TERMINAL}|${INVISIBLE}|<[A-Za-z/!][^<>]{0,200}>`, 'gi');

const WRAP = new RegExp(`${LINE_END}(?=(${PREFIX}))\\1`, 'g');

/** How many characters of a line are searched for the rest of a handle if the line has an unknown prefix. */
export const UNKNOWN_PREFIX = 240;

/** The shortest rest of a handle that can be distinguished from an unknown prefix, in characters. */
const CLEAR = 12;

/** The member of a record in which loggers, container runtimes and log stores keep the message. */
const MESSAGE = '(?:log|message|MESSAGE|msg|line|text|textPayload|body|stringValue|content|data|event)';

/** The end of a JSON record within a word, and the beginning of the next record up to the rest of the word in its message. */
const RECORD = new RegExp(
  String.raw`(?<=[A-Za-z0-9_.-])(?:"[^{}]{0,400}(?:\{[^{}]{0,300}\}[^{}]{0,200})?\}\s{0,8},?\s{0,8}\{[^{}]{0,400}?"${MESSAGE}"\s{0,4}:\s{0,4}"${PREFIX}){1,8}(?=[A-Za-z0-9_.-])`,
  'g',
);

/**
 * The stamp that a container runtime writes before each line and each part of a line. If another program folded or joined
 * the lines later, the stamp stands within a line.
 */
const STAMP = new RegExp(String.raw`(?<=[A-Za-z0-9_.-])${TIME}[ \t]+(?:std(?:out|err) [PF] )?(?=[A-Za-z0-9_.-])`, 'g');

/** The place at which a program joins two string literals. */
const CONCATENATION = /(?<=[A-Za-z0-9_.-])["'`][ \t]{0,16}[+.,&]?[ \t]{0,16}["'`](?=[A-Za-z0-9_.-])/g;

/** A break at a place of a text. The layers below undo more kinds of breaks than this pattern recognizes. */
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

/** The beginning of a {@link BREAK} at the end of a text. */
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

/** The characters that may follow a backslash in an escape. */
const ESCAPED = /(?:[nrt"'\\/]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-3][0-7]{2})/y;

/**
 * The ways to join lines:
 *
 * - `known`: behind the prefixes of known programs. A backslash at the end of a line may be the first half of an escape.
 * - `continued`: the same, but a backslash at the end of a line only marks that the line goes on.
 * - `any prefix`: behind any prefix. The rest of a handle begins at the first word that looks like a piece.
 */
export type Join = 'known' | 'continued' | 'any prefix';

/** Joins lines. Each line goes on behind the prefix of the next one. */
function unwrapped(source: Mapped, join: Join): Mapped {
  const { text } = source;
  /** The prefix of the lines before. */
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
 * Whether a line ends in the middle of an escape, because a program that folds lines cuts escapes, too. If the line before
 * or the line behind also ends with a backslash, the backslash is a mark and no escape.
 */
function isEscape(text: string, from: number, end: number): boolean {
  ESCAPED.lastIndex = end;
  if (!/^\\\r?\n/.test(text.slice(from, end)) || !ESCAPED.test(text)) return false;
  const [before, behind] = [text.lastIndexOf('\n', from), text.indexOf('\n', end)];
  return (
    !/\\\r?\n$/.test(text.slice(Math.max(0, before - 2), before + 1)) && !/\\\r?\n$/.test(text.slice(Math.max(0, behind - 2), behind + 1))
  );
}

/** The place of the first word that can only be a piece of ciphertext; -1 if there is no such word. */
export function placeOfPiece(text: string, from: number): number {
  for (const { 0: word, index } of text.slice(from).matchAll(/[A-Za-z0-9_.-]+/g)) {
    if (word.length >= CLEAR && isSuspectPiece(word)) return from + index;
  }
  return -1;
}

/** The pattern of lines that begin with the same prefix. The numbers in the prefix may differ. */
export function shapeOf(prefix: string): RegExp {
  const pattern = prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[0-9]+/g, '[0-9]+');
  return new RegExp(`^${pattern}`);
}

/** The most layers that are taken off. The bound keeps a hostile text from costing too much time. */
const MOST_LAYERS = 12;

/** Takes off layer after layer until no layer is left. */
export function peeled(source: Mapped, join: Join): Mapped {
  let now = source;
  for (let count = 0; count < MOST_LAYERS; count += 1) {
    const before = now;
    now = rewritten(now, UNSEEN, ([, block]) => (block === undefined ? '' : '\n'));
    // Escapes come before line breaks, because the prefix of a line may be escaped. The next round reads escapes that were broken.
    now = rewritten(now, ESCAPE, unescaped);
    now = unwrapped(now, join);
    now = rewritten(now, STAMP, () => '');
    now = rewritten(now, RECORD, () => '');
    now = rewritten(now, CONCATENATION, () => '');
    if (now === before) break;
  }
  return now;
}

/** Joins the words of a text, because some programs make spaces of line breaks. */
export function withoutSpaces(source: Mapped): Mapped {
  return rewritten(source, /(?<=[A-Za-z0-9_.-])[ \t]+(?=[A-Za-z0-9_.-])/g, () => '');
}
