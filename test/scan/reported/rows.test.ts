import { describe, expect, it } from 'vitest';
import { newHandle, redacted } from '../support.ts';

const inRows = (text: string) =>
  Buffer.from(text)
    .toString('base64')
    .match(/.{1,76}/g) ?? [];
const coloured = (text: string) => [...text].map((character, at) => `\u001b[38;5;${at % 256}m${character}`).join('');
const inRecords = (text: string) =>
  (text.match(/.{1,41}/gs) ?? []).map((log) => JSON.stringify({ log, stream: 'stdout', time: '2026-11-27T08:00:00Z' })).join('\n');

describe('redact, given base64 in rows,', () => {
  it.each([
    ['in the records of a container', inRecords],
    ['in a URL', (text: string) => `GET /x?q=${encodeURIComponent(text)}&y=1`],
    ['in literals side by side', (text: string) => (text.match(/.{1,42}/gs) ?? []).map((part) => JSON.stringify(part)).join('\n  ')],
  ])('reports each row of a handle in which each character has a colour: %s', async (_name, write) => {
    const rows = inRows(write(coloured(newHandle(0))));
    const text = `first line\n${rows.join('\n')}\nlast line\n`;
    for (const chunk of [text.length, 4, 76]) {
      const { out, suspects } = await redacted(text, chunk);
      expect(out).toBe(text);
      // The first rows encode the header, which looks like words, so they may be missing from the report.
      expect(suspects, `${chunk}`).toBeGreaterThan(rows.length - 24);
      expect(suspects).toBeLessThanOrEqual(rows.length);
    }
  });

  it('reports the rows after any word on the line before', async () => {
    const rows = inRows(inRecords(coloured(newHandle(0))));
    for (const word of ['line', 'first', 'beginning', 'e3b0c44298fc1c149afbf4c8996fb924'.repeat(4)]) {
      const { suspects } = await redacted(`${word}\n${rows.join('\n')}\nlast line\n`, 4);
      expect(suspects, word).toBeGreaterThan(rows.length - 24);
      expect(suspects, word).toBeLessThanOrEqual(rows.length);
    }
  });

  it('reports no row of coloured words', async () => {
    const text = `first line\n${inRows(inRecords(coloured('The server answers each request at once. '.repeat(20)))).join('\n')}\nlast line\n`;
    for (const chunk of [text.length, 4, 76]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });
});
