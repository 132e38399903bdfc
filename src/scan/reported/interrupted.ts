/**
 * Finds ciphertext in which a control sequence or an invisible character follows every few characters. For example, a
 * program may have coloured each character. The redactor only reports the lines of such text.
 */
import { mapped, type Part, rewritten } from '../mapped.ts';
import { INVISIBLE } from '../normalize.ts';
import { isLikeCiphertext, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from '../pieces/ciphertext.ts';

/** Matches the beginning of a control sequence, as a character or as an escape. */
const SEQUENCE = String.raw`\u001b|(?:\\|%(?:25){0,8}5[cC]){1,16}(?:u001[bB]|x1[bB]|033)|%(?:25){0,8}1[bB]|&#27;|&#[xX]1[bB];`;

/** Matches an invisible character, as a character or as an escape. */
const UNSEEN = String.raw`${INVISIBLE}|\\u(?:00[aA][dD]|20[0-9a-fA-F]{2}|[fF][eE][fF]{2})|%(?:[cC]2%[aA][dD]|[eE]2%8[01]%[0-9a-fA-F]{2})|&#(?:173|82\d\d|[xX]20[0-9a-fA-F]{2}|[xX][aA][dD]);|&shy;|<wbr\b|&lt;wbr\b`;

/**
 * Matches a group: a few characters between two control sequences, or between two invisible characters. A program that
 * folds lines may cut a sequence, and the characters around it then form no group.
 *
 * The match includes the first invisible character. A lookbehind would look back from every index, and take long.
 */
const GROUP = new RegExp(`m([A-Za-z0-9_.-]{1,6})(?=${SEQUENCE})|(?:${UNSEEN})([A-Za-z0-9_.-]{1,6})(?=${UNSEEN})`, 'g');

/** Every interrupted text contains one of these strings. */
const SIGNS = [
  ...['\u001b', '\\u001', '\\x1', '\\033', '%1', '%5C', '%5c', '%25', '&#2', '&#x', '&#X', '&#8', '&#1', '&shy;', '<wbr', '&lt;wbr'],
  ...[
    '\u00ad',
    '\u00e2\u0080',
    '\u00e2\u0081',
    '\u200b',
    '\u200d',
    '\u2060',
    '\\u20',
    '\\u00a',
    '\\u00A',
    '\\ufe',
    '\\uFE',
    '%E2%8',
    '%e2%8',
    '%C2%',
    '%c2%',
  ],
];

/** Most text has none of these characters, so the search looks for them first. */
const FIRST_OF_SIGNS = [...new Set(SIGNS.map((sign) => sign.charAt(0)))];

/** The largest distance between two groups of one interrupted text, in characters. A line's prefix may be between them. */
const NEAR = 400;

/** Tells whether a text may contain interrupted ciphertext. */
export function hasSign(text: string): boolean {
  return FIRST_OF_SIGNS.some((sign) => text.includes(sign)) && SIGNS.some((sign) => text.includes(sign));
}

/**
 * Matches a whole colour code. If two programs coloured each character, codes of the second program stand between the
 * characters of the codes of the first. Without the second program's codes, the first program's codes are whole again.
 */
const COLOUR = new RegExp(`(?:${SEQUENCE})(?:\\[|%(?:25){0,8}5[bB])(?:[0-9;]|%(?:25){0,8}3[bB]){0,24}m`, 'g');

/** Matches a sign that two programs coloured the text, one after the other. Other text seldom contains this sign. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour code begins with a control character.
const COLOURED_SIGN = /\u001b\u001b|m[\\%&<]/;

/** How often the colours of a text are removed, to find more colours under them. */
const MOST_LEVELS = 3;

/** A text with fewer groups than this is not searched for a further layer of colours. */
const FEWEST_GROUPS = 24;

/** The shortest text under several layers of colours that is judged, in characters. Nobody colours words twice. */
const SHORTEST_TWICE = 12;

/**
 * Returns the parts of a text that are interrupted ciphertext.
 *
 * @param level how often the colours were removed
 */
export function interruptedIn(text: string, level = 0): Part[] {
  if (!hasSign(text)) return [];
  const parts: Part[] = [];
  const shortest = level === 0 ? SHORTEST_JUDGED : SHORTEST_TWICE;
  let [characters, index, end, groups] = ['', 0, 0, 0];
  /**
   * Whether the previous part was ciphertext. The next part may then be its rest, even if this rest is too short to be
   * judged alone.
   */
  let isAfterCiphertext = false;
  const close = () => {
    const isRest = isAfterCiphertext && (characters.length < SHORTEST_SUSPECT ? characters !== '' : isSuspectPiece(characters));
    isAfterCiphertext = level === 0 ? isLikeCiphertext(characters) : characters.length >= shortest && isSuspectPiece(characters);
    if (isAfterCiphertext || isRest) parts.push({ index, end });
    characters = '';
  };
  for (const match of text.matchAll(GROUP)) {
    if (match.index - end > NEAR) {
      close();
      isAfterCiphertext = false;
    }
    if (characters === '') index = match.index;
    characters += match[1] ?? match[2];
    end = match.index + match[0].length;
    groups += 1;
    // A part ends at this length, so that each part covers few lines.
    if (characters.length >= 2 * shortest) close();
  }
  close();
  const isColouredTwice = groups >= FEWEST_GROUPS && level < MOST_LEVELS && COLOURED_SIGN.test(text);
  return isColouredTwice ? [...parts, ...partsUnderColours(text, level + 1)] : parts;
}

function partsUnderColours(text: string, level: number): Part[] {
  const { text: inner, from, to } = rewritten(mapped(text, 0, text.length), COLOUR, () => '');
  return interruptedIn(inner, level).map(({ index, end }) => ({ index: from[index] ?? 0, end: to[end - 1] ?? text.length }));
}
