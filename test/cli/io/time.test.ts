import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/cli/io/output.ts';
import { parseDuration } from '../../../src/cli/io/time.ts';
import { relative } from '../../../src/scan/words.ts';

describe('a duration', () => {
  test.each([
    ['1s', 1],
    ['90s', 90],
    ['10m', 600],
    ['12h', 43_200],
    ['1.5h', 5_400],
    ['30d', 2_592_000],
    ['2w', 1_209_600],
    ['30 d', 2_592_000],
  ])('%s stands for %i seconds', (text, seconds) => {
    expect(parseDuration('--activate-in', text)).toBe(seconds);
  });

  test.each(['', 'soon', '10', '-1d', '0s', '0.4s', '101y', '10 minutes or so', '1e3s', 'Infinityd', '9'.repeat(99)])(
    'refuses %j',
    (text) => {
      expect(() => parseDuration('--activate-in', text)).toThrow(UsageError);
      expect(() => parseDuration('--activate-in', text)).toThrow(
        /^--activate-in must be a duration from 1s to 100y, not ".*"\. Examples: --activate-in 90s/,
      );
    },
  );
});

describe('a moment, seen from the time 1800000000,', () => {
  const now = 1_800_000_000;
  test.each([
    [now, 'just now'],
    [now + 1, 'in 1 second'],
    [now - 59, '59 seconds ago'],
    [now + 600, 'in 10 minutes'],
    [now + 3 * 3600, 'in 3 hours'],
    [now - 2 * 86_400, '2 days ago'],
    [now + 365 * 86_400, 'in 365 days'],
  ])('is described in words: %i is %s', (moment, words) => {
    expect(relative(moment, now)).toBe(words);
  });
});
