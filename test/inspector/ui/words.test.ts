import { describe, expect, it } from 'vitest';
import { placesOf } from '../../../src/inspector/handle/timeline.ts';
import { count, relative, visible } from '../../../src/inspector/ui/words.ts';

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

  it('count', () => {
    expect([count(1, 'task'), count(0, 'task'), count(1_234, 'task')]).toEqual(['1 task', '0 tasks', '1,234 tasks']);
  });

  it('show what hides and what reorders, and leave all scripts as they are', () => {
    expect(visible('a\u202eb\u200bc\u0000d\u{e0041}e\ud800')).toBe('a\\u202eb\\u200bc\\u0000d\\u{e0041}e\\ud800');
    const texts = ['line\n\tnext', 'grüße 水 🦦', 'می‌خواهم', 'क्‍ष'];
    expect(texts.map(visible)).toEqual(texts);
  });
});

describe('the line of times', () => {
  it('is to scale within the life of a handle', () => {
    expect(placesOf({ iat: 100, exp: 200 }, 150)).toEqual({ issued: 0, now: 0.5, expires: 1, toScale: true });
  });

  it('keeps its words apart outside, and says that it is not to scale', () => {
    expect(placesOf({ iat: 0, exp: 10 }, 1_000)).toEqual({ issued: 0, now: 1, expires: 0.26, toScale: false });
    expect(placesOf({ iat: 990, exp: 1_000 }, 0)).toEqual({ issued: 0.74, now: 0, expires: 1, toScale: false });
  });
});
