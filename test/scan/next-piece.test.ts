import { describe, expect, it } from 'vitest';
import { redacted } from './support.ts';

const PIECE = 'MJopb6qx0ne_HB5Ae3kHPr21kg2iiDrbs2XMcy4y0CAjMbH3QpfVNXbbx4Z';

describe('redact, given text without capitals after a piece of a handle,', () => {
  it.each([
    ['a shell', '\\\n'],
    ['a shell on Windows', '\\\r\n'],
    ['quoted-printable', '=\n'],
  ])('reports the rest of the handle on the next line, if the line is continued as in %s', async (_name, lineEnd) => {
    const text = `first line\n${PIECE}${lineEnd}et_g2aon0e9n\nlast line\n`;
    for (const chunk of [text.length, 7]) expect((await redacted(text, chunk)).lines, `${chunk}`).toEqual([2, 3]);
  });

  it('does not report the other words of a command on the lines that continue it', async () => {
    const text = `first line\n--token ${PIECE} \\\n  --name example \\\n  production\nlast line\n`;
    for (const chunk of [text.length, 7]) expect((await redacted(text, chunk)).lines, `${chunk}`).toEqual([2]);
  });
});
