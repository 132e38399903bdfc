import { describe, expect, it } from 'vitest';
import { counted, visible } from '../../src/scan/words.ts';

describe('the words for reports', () => {
  it('have a noun in the singular or plural after each number', () => {
    expect([counted(1, 'task'), counted(0, 'task'), counted(1_234, 'task')]).toEqual(['1 task', '0 tasks', '1,234 tasks']);
  });

  it('have escapes for invisible and reordering characters, and show every script as it is', () => {
    expect(visible('a\u202eb\u200bc\u0000d\u{e0041}e\ud800')).toBe('a\\u202eb\\u200bc\\u0000d\\u{e0041}e\\ud800');
    const texts = ['line\n\tnext', 'grüße 水 🦦', 'می‌خواهم', 'क्‍ष'];
    expect(texts.map(visible)).toEqual(texts);
  });
});
