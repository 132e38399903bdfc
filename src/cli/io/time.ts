import ms from 'ms';
import { UsageError } from './output.ts';

/**
 * Reads a duration such as `90s`, `10m`, `12h` or `30d`.
 *
 * @param option the option's name, for the error
 * @returns whole seconds
 * @throws {UsageError} if the text is not a duration from 1 second to 100 years
 */
export function parseDuration(option: string, text: string): number {
  const milliseconds = /^\d{1,9}(\.\d{1,3})? ?(s|m|h|d|w|y)$/.test(text) ? ms(text as ms.StringValue) : Number.NaN;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds >= 1 && seconds <= 100 * 366 * 86_400) return seconds;
  throw new UsageError(
    `${option} must be a duration from 1s to 100y, not ${JSON.stringify(text)}. Examples: ${option} 90s, ${option} 10m, ${option} 30d`,
  );
}
