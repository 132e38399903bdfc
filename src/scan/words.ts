/** Writes times, numbers and untrusted text for people to read. */
import ms from 'ms';

/**
 * Writes how far a moment is from now, such as `in 3 hours` or `2 days ago`.
 *
 * @param moment seconds since 1970
 * @param now seconds since 1970
 */
export function relative(moment: number, now: number): string {
  if (moment === now) return 'just now';
  const distance = ms(Math.abs(moment - now) * 1000, { long: true });
  return moment > now ? `in ${distance}` : `${distance} ago`;
}

/**
 * Writes a number of things, such as `1 task` or `2,000 tasks`.
 *
 * @param noun the noun in the singular. Its plural is formed with `s`
 */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/**
 * Writes a line so that a terminal shows all of it and obeys none of it. Control characters become JSON escapes. So do
 * characters that reorder or hide text.
 */
export function printable(line: string): string {
  return escaped(line, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu);
}

/** Applies {@link printable} to each line of a text. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/**
 * Writes a value as indented JSON that a terminal shows and does not obey. Control characters become JSON escapes. So
 * do characters that reorder or hide text.
 */
export function printableJson(value: unknown): string {
  return escaped(JSON.stringify(value, null, 2), /[\u007f-\u009f\p{Cf}\p{Cs}\u2028\u2029]/gu);
}

function escaped(text: string, characters: RegExp): string {
  return text.replace(characters, (character) =>
    character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/**
 * Writes text for a web page so that no character can deceive the reader. Invisible characters, and characters that
 * reorder text, become escapes. Line breaks and tabs stay. U+200C and U+200D stay, because some scripts need them.
 */
export function visible(text: string): string {
  return text.replace(/[^\P{C}\n\t\u200c\u200d]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}
