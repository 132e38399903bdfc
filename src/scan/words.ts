/** Words for people: distances in time, numbers of things, and safe spellings of text that may deceive its reader. */
import ms from 'ms';

/** The distance of a moment from now: `in 3 hours`, `2 days ago`. Both are in seconds since 1970. */
export function relative(moment: number, now: number): string {
  if (moment === now) return 'just now';
  const distance = ms(Math.abs(moment - now) * 1000, { long: true });
  return moment > now ? `in ${distance}` : `${distance} ago`;
}

/** A number of things: `1 task`, `2,000 tasks`. */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/** A line that a terminal shows and does not obey. Control characters and characters that reorder or hide text become escapes of JSON. */
export function printable(line: string): string {
  return escaped(line, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu);
}

/** Several lines that a terminal shows and does not obey. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Indented JSON that a terminal shows and does not obey. Control characters and characters that reorder or hide text stay escapes. */
export function printableJson(value: unknown): string {
  return escaped(JSON.stringify(value, null, 2), /[\u007f-\u009f\p{Cf}\p{Cs}\u2028\u2029]/gu);
}

/** Writes characters as escapes of JSON, one escape for each UTF-16 code unit. */
function escaped(text: string, characters: RegExp): string {
  return text.replace(characters, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/**
 * Text for a page, without deception: invisible characters and characters that reorder text become escapes. Line breaks
 * and tabs stay, and so do the two joiners that some scripts need.
 */
export function visible(text: string): string {
  return text.replace(/[^\P{C}\n\t\u200c\u200d]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}
