import { expect, test } from 'vitest';
import { unwrappedRing } from '../../src/keys/index.ts';

const ring = '{"keys":[{"kty":"oct","k":"Zm9v","kid":"ä"}]}';
const base64 = Buffer.from(ring).toString('base64');

test.each<[string, string]>([
  ['as it is', ring],
  ['in single quotes', `'${ring}'`],
  ['in double quotes, raw', `"${ring}"`],
  ['as a JSON string', JSON.stringify(ring)],
  ['with the backslashes of one', JSON.stringify(ring).slice(1, -1)],
  ['in base64', base64],
  ['in base64 without padding', base64.replace(/=+$/, '')],
  ['in base64url', Buffer.from(ring).toString('base64url')],
  ['in base64 in lines', base64.replace(/.{20}/g, '$&\n')],
  ['in base64 in quotes', `"${base64}"`],
  ['in base64 of a text in quotes', Buffer.from(`'${ring}'\n`).toString('base64')],
  ['in base64 twice', Buffer.from(base64).toString('base64')],
  ['with space around', `\n ${ring} \n`],
  ['with a byte order mark', `\uFEFF${ring}`],
])('A ring %s is read', (_how, text) => {
  expect(unwrappedRing(text).trim()).toBe(ring);
});

test.each(['', 'ring.jwks', '/run/secrets/ring.jwks', '[]', '"', "''", 'undefined'])('%j stays what it is: no ring', (text) => {
  expect(unwrappedRing(text).startsWith('{')).toBe(false);
});
