import { describe, expect, it } from 'vitest';
import { relative } from '../../../src/inspector/ui/dom.ts';

describe('words', () => {
  it('say how far off a moment is', () => {
    expect([0, 1, -90, 7_200, -86_400 * 3].map((distance) => relative(1_000_000 + distance, 1_000_000))).toEqual([
      'now',
      'in 1 second',
      '90 seconds ago',
      'in 2 hours',
      '3 days ago',
    ]);
  });
});
