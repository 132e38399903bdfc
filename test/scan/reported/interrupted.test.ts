import { describe, expect, it } from 'vitest';
import { leakIn, placesOfSecret, twinOf } from '../../fuzz/redact/leaks.mjs';
import { newHandle, redacted } from '../support.ts';

const coloured = (text: string) => [...text].map((character, at) => `\u001b[38;5;${at % 256}m${character}`).join('');
const folded = (text: string, size: number, prefix: string) =>
  `${prefix}${(text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []).join(`\n${prefix}`)}`;

describe('redact, given a handle of which each character has a colour,', () => {
  it.each([
    ['and then each character again', (text: string) => coloured(coloured(text))],
    ['and then each character again, in a comment', (text: string) => coloured(folded(coloured(text), 51, ' * '))],
    ['and then each character again, in indented lines', (text: string) => coloured(folded(coloured(text), 193, '        '))],
    ['and then each character again, in JSON', (text: string) => coloured(JSON.stringify({ msg: coloured(text) }))],
    ['and then each character again, in a URL', (text: string) => `GET /x?q=${encodeURIComponent(coloured(coloured(text)))}&y=1`],
  ])('reports the lines of the handle: %s', async (_name, write) => {
    const log = (one: string) => `first line\n${write(`handle: ${one}`)}\nlast line\n`;
    for (let count = 0; count < 20; count += 1) {
      const handle = newHandle(0);
      const [text, places] = [log(handle), placesOfSecret(log(handle), log(twinOf(handle)))];
      for (const chunk of [text.length, 900])
        expect(leakIn({ text, places, ...(await redacted(text, chunk)) }), `${chunk}`).toBeUndefined();
    }
  });

  it('reports no line of words of which each character has a colour', async () => {
    const text = `${folded(coloured('The server answers each request at once. '.repeat(20)), 900, '')}\n`;
    for (const chunk of [text.length, 900]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });
});
