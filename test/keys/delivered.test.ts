import { expect, test } from 'vitest';
import { unwrappedRing } from '../../src/keys/index.ts';

const ring = '{"keys":[{"kty":"oct","k":"Zm9v","kid":"ä"}]}';
const base64 = Buffer.from(ring).toString('base64');

test.each<[string, string]>([
  ['as plain text', ring],
  ['in single quotes', `'${ring}'`],
  ['in double quotes, without escapes', `"${ring}"`],
  ['as a JSON string', JSON.stringify(ring)],
  ['with the backslashes of a JSON string, but without its quotes', JSON.stringify(ring).slice(1, -1)],
  ['in base64', base64],
  ['in base64 without padding', base64.replace(/=+$/, '')],
  ['in base64url', Buffer.from(ring).toString('base64url')],
  ['in base64 with line breaks', base64.replace(/.{20}/g, '$&\n')],
  ['in base64, with quotes around the base64', `"${base64}"`],
  ['in base64, with quotes around the ring', Buffer.from(`'${ring}'\n`).toString('base64')],
  ['in base64 twice', Buffer.from(base64).toString('base64')],
  ['with white space before and after', `\n ${ring} \n`],
  ['with a byte order mark', `\uFEFF${ring}`],
])('WAXSEAL_KEYS can contain a ring %s', (_how, text) => {
  expect(unwrappedRing(text).trim()).toBe(ring);
});

test.each(['', 'ring.jwks', '/run/secrets/ring.jwks', '[]', '"', "''", 'undefined'])(
  'unwrappedRing makes no ring of the text %j',
  (text) => {
    expect(unwrappedRing(text).startsWith('{')).toBe(false);
  },
);
