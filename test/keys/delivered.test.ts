import { expect, test } from 'vitest';
import { parseDelivered, unwrappedRing } from '../../src/keys/index.ts';

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
  ['with a zero-width space from a web page', `\u200B${ring}\u200B`],
  ['in base64 whose lines are joined by a written \\n', base64.replace(/.{20}/g, '$&\\n')],
  ['in base64 of UTF-16', Buffer.from(`\uFEFF${ring}`, 'utf16le').toString('base64')],
  ['in base64 of UTF-16 without a byte order mark', Buffer.from(ring, 'utf16le').toString('base64')],
  ['after the word base64', `base64:${base64}`],
  ['in a data URL', `data:application/json;base64,${base64}`],
  ['as a line of an .env file', `WAXSEAL_KEYS='${ring}'`],
  ['as a line of a shell script', `export WAXSEAL_KEYS=${base64}`],
  ['as a member of a JSON object, as AWS Secrets Manager stores it', JSON.stringify({ WAXSEAL_KEYS: ring })],
])('WAXSEAL_KEYS can contain a ring %s', (_how, text) => {
  expect(unwrappedRing(text).trim()).toBe(ring);
});

test.each(['\\n', '\\r\\n'])('WAXSEAL_KEYS can contain an indented ring whose lines are joined by a written %s', (end) => {
  const indented = JSON.stringify(JSON.parse(ring), null, 2).replaceAll('\n', end);
  expect(JSON.parse(unwrappedRing(indented))).toEqual(JSON.parse(ring));
});

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is such a reference.
  '${WAXSEAL_KEYS}',
  '$WAXSEAL_KEYS',
  '$(cat ring.jwks)',
  '{{ waxseal_keys }}',
  '@Microsoft.KeyVault(SecretUri=https://example.vault.azure.net/secrets/ring)',
  'op://vault/ring/text',
  'arn:aws:secretsmanager:eu-central-1:123456789012:secret:ring',
  'projects/123/secrets/ring/versions/latest',
])('the error about %s says that it is a reference, without a part of it', async (reference) => {
  const message = await parseDelivered(reference).catch((error: Error) => error.message);
  expect(message).toMatch(/looks like a reference to a secret.* in place of the reference/);
  expect(message).not.toContain(reference.slice(0, 12));
});

test.each(['', 'ring.jwks', '/run/secrets/ring.jwks', '[]', '"', "''", 'undefined'])(
  'unwrappedRing makes no ring of the text %j',
  (text) => {
    expect(unwrappedRing(text).startsWith('{')).toBe(false);
  },
);
