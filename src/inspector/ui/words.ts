/** How things are said: times, numbers, and text that may want to deceive. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

const relativeTime = new Intl.RelativeTimeFormat('en');

/** How far off a moment is, as in "in 23 hours" or "2 days ago". Both in seconds since 1970. */
export function relative(moment: number, now: number): string {
  const distance = Math.abs(moment - now);
  if (distance < 1) return 'now';
  const [unit, size] = UNITS.find(([, seconds]) => distance >= 2 * seconds) ?? (['second', 1] as const);
  return relativeTime.format(Math.round((moment - now) / size), unit);
}

/** A number of things: `1 task`, `2,000 tasks`. */
export function count(number: number, one: string, more = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : more}`;
}

/**
 * Text as it is and not as it pretends to be: characters that are not seen, or that reorder what is seen, become
 * escapes. Line breaks and tabs stay, and the two joiners without which some scripts cannot be written.
 */
export function visible(text: string): string {
  return text.replace(/[^\P{C}\n\t\u200c\u200d]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}
