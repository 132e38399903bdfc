import { describe, expect, it } from 'vitest';
import { newHandle, redacted } from '../support.ts';

const handle = newHandle(200);

describe('redact, given a stream,', () => {
  it.each([
    [
      'a tool’s arguments',
      (piece: string) => `data: ${JSON.stringify({ type: 'delta', padding: 'x '.repeat(100), delta: { arguments: piece } })}\n\n`,
    ],
    [
      'an index before the piece',
      (piece: string, at: number) => `event: delta\ndata: ${JSON.stringify({ index: at, padding: '. '.repeat(90), text: piece })}\n\n`,
    ],
    [
      'a log of a stream',
      (piece: string, at: number) =>
        `${JSON.stringify({ time: 1_785_240_000 + at, body: JSON.stringify({ padding: '. '.repeat(90), text: piece }) })}\n`,
    ],
  ])('reports the lines of records that each have a short piece of a handle: %s', async (_name, write) => {
    for (const size of [7, 8, 20]) {
      const pieces = `{"handle":"${handle}"} and so on`.match(new RegExp(`.{1,${size}}`, 'g')) ?? [];
      const records = pieces.map(write);
      const text = `first line\n${records.join('')}${write('words and words', 0).repeat(6)}last line\n`;
      for (const chunk of [text.length, 100, 1_000]) {
        const { out, suspects } = await redacted(text, chunk);
        expect(out).toBe(text);
        expect(suspects, `${size} ${chunk}`).toBeGreaterThan(pieces.length - 30 / size - 5);
        expect(suspects).toBeLessThanOrEqual(pieces.length);
      }
    }
  });
});
