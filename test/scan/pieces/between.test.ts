import { describe, expect, it } from 'vitest';
import { redacted } from '../support.ts';

const PIECE = 'qTDs-ZM4mH6tkkhgtmuEjmP-CxHh-IGIOEMY5kMUe8';
const NEXT_PIECE = 'dW6MJu_omLUVzjzmfN58EswKX44Nkd-WevnsuSCsvO';

const log = (between: readonly string[]) => `first line\nweb-1  | ${PIECE}\n${between.join('\n')}\nweb-1  | ${NEXT_PIECE}\nlast line\n`;

describe('redact, given two pieces of a handle,', () => {
  it.each([
    ['with a prefix', ['web-1  | 34FHJGZ', 'web-1  |      5\tydKN', 'web-1  | host waxseal[4711]: nu7cNu', 'web-1  | 7boz-yo']],
    [
      'with a time',
      ['<14>1 2026-11-27T08:00:00.1Z et_g2aon0', '<14>1 2026-11-27T08:00:01.2Z A5W-SOF', '<14>1 2026-11-27T08:00:02.3Z r4Lip'],
    ],
  ])('reports the lines between them that contain short pieces %s', async (_name, between) => {
    const text = log(between);
    for (const chunk of [text.length, 20])
      expect((await redacted(text, chunk)).lines, `${chunk}`).toEqual(Array.from({ length: between.length + 2 }, (_, at) => at + 2));
  });

  it.each([
    ['words', ['web-1  | INFO the server answers', 'web-1  | getUserByID failed on host web-7']],
    ['digests and UUIDs', ['web-1  | 550e8400-e29b-41d4-a716-446655440000', 'web-1  | e3b0c44298fc1c149afbf4c8996fb924 ok']],
    ['times', ['2026-11-27T08:00:00.123Z GET /users/4711 200 12ms', '2026-11-27T08:00:01.456Z GET /users/4712 200 9ms']],
    ['a few odd words', ['web-1  | OAuth2 over IPv6', 'web-1  | retry x2 of ID3v2']],
  ])('reports no line between them with %s', async (_name, between) => {
    const text = log(between);
    for (const chunk of [text.length, 20]) expect((await redacted(text, chunk)).lines, `${chunk}`).toEqual([2, between.length + 3]);
  });
});
