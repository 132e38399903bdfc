import { expect, it } from 'vitest';
import { utc } from '../../src/handle/index.ts';

it.each([
  [0, '1970-01-01T00:00:00Z'],
  [1_785_240_000, '2026-07-28T12:00:00Z'],
  [253_402_300_799, '9999-12-31T23:59:59Z'],
])('the time %i is written in ISO 8601, in UTC and without fractions: %s', (seconds, text) => {
  expect(utc(seconds)).toBe(text);
});
