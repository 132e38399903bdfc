/**
 * Finds ciphertext in which a control sequence or an invisible character follows every few characters, for example
 * because a program coloured each character. A program that folds lines may cut a sequence, so only the characters
 * between whole sequences are judged.
 */
import type { Part } from '../mapped.ts';
import { INVISIBLE } from '../normalize.ts';
import { isLikeCiphertext, isSuspectPiece, SHORTEST_JUDGED, SHORTEST_SUSPECT } from '../pieces/ciphertext.ts';

/** Matches the beginning of a control sequence, as a character or as an escape. */
const SEQUENCE = String.raw`\u001b|(?:\\|%(?:25){0,8}5[cC]){1,16}(?:u001[bB]|x1[bB]|033)|%(?:25){0,8}1[bB]|&#27;|&#[xX]1[bB];`;

/** Matches an invisible character, as a character or as an escape. */
const UNSEEN = String.raw`${INVISIBLE}|\\u(?:00[aA][dD]|20[0-9a-fA-F]{2}|[fF][eE][fF]{2})|%(?:[cC]2%[aA][dD]|[eE]2%8[01]%[0-9a-fA-F]{2})|&#(?:173|82\d\d|[xX]20[0-9a-fA-F]{2}|[xX][aA][dD]);|&shy;|<wbr\b|&lt;wbr\b`;

/**
 * Matches a flake: a few characters between two control sequences, or between two invisible characters. The match
 * includes the first invisible character, because a lookbehind would look back from every index of the text.
 */
const GROUP = new RegExp(`m([A-Za-z0-9_.-]{1,6})(?=${SEQUENCE})|(?:${UNSEEN})([A-Za-z0-9_.-]{1,6})(?=${UNSEEN})`, 'g');

/** Every text with confetti contains one of these signs. */
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

/** The first characters of the signs. Most text has none of these characters, so the search looks for them first. */
const FIRST_OF_SIGNS = [...new Set(SIGNS.map((sign) => sign.charAt(0)))];

/**
 * The largest distance between two flakes that belong together, in characters. The prefix of a line may stand between
 * two flakes.
 */
const NEAR = 400;

/** Returns the parts of a text that are confetti of ciphertext. */
export function interruptedIn(text: string): Part[] {
  if (!FIRST_OF_SIGNS.some((sign) => text.includes(sign)) || !SIGNS.some((sign) => text.includes(sign))) return [];
  const parts: Part[] = [];
  let [characters, index, end] = ['', 0, 0];
  /**
   * Whether the previous part was ciphertext. If so, the next flakes may be the rest of this ciphertext, even if they
   * are too few to be judged by themselves.
   */
  let isCiphertext = false;
  const close = () => {
    const isRest = isCiphertext && (characters.length < SHORTEST_SUSPECT ? characters !== '' : isSuspectPiece(characters));
    isCiphertext = isLikeCiphertext(characters);
    if (isCiphertext || isRest) parts.push({ index, end });
    characters = '';
  };
  for (const match of text.matchAll(GROUP)) {
    if (match.index - end > NEAR) {
      close();
      isCiphertext = false;
    }
    if (characters === '') index = match.index;
    characters += match[1] ?? match[2];
    end = match.index + match[0].length;
    // The flakes are judged in parts of this length, so that only the lines of suspicious parts are named.
    if (characters.length >= 2 * SHORTEST_JUDGED) close();
  }
  close();
  return parts;
}
