import { base64url } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type HandleError, HandleMalformed, readParts, seal } from '../../src/handle/index.ts';
import { growsInProportion } from '../support/proportion.ts';
import { claimsWith, type Keys, newHandle, newKeys } from './support.ts';

let keys: Keys;
let handle: string;
beforeAll(async () => {
  keys = await newKeys();
  handle = await newHandle(keys);
});

function refusal(value: unknown): HandleError {
  try {
    readParts(value);
  } catch (error) {
    return error as HandleError;
  }
  throw new Error('expected a refusal');
}

describe('a reader without a key', () => {
  it('can read the protected header, and sees that the second part is empty', () => {
    const [header = '', encryptedKey, iv, , tag] = handle.split('.');
    expect(new TextDecoder().decode(base64url.decode(header))).toBe(`{"alg":"dir","enc":"A256GCM","kid":"${keys.key.kid}","typ":"handle"}`);
    expect([encryptedKey, iv?.length, tag?.length]).toEqual(['', 16, 22]);
    expect(readParts(handle)).toMatchObject({ header: { kid: keys.key.kid }, length: handle.length });
  });

  it('can see the length, which is at most 470 characters for a new task', () => {
    expect(handle.length).toBeLessThanOrEqual(470);
  });

  it('can see whether a handle is compressed, which happens only if it shortens the handle', async () => {
    const large = { text: 'one sentence after another, '.repeat(100) };
    expect(readParts(await seal(claimsWith({ st: large }), keys.key, { compress: true })).header.zip).toBe('DEF');
    expect(readParts(await seal(claimsWith({ st: large }), keys.key)).header.zip).toBeUndefined();
    expect(readParts(await seal(claimsWith({ st: 'x' }), keys.key, { compress: true })).header.zip).toBeUndefined();
  });
});

describe('readParts', () => {
  it.each([
    ['an empty text', () => '', /empty/],
    ['a value that is not a string', () => 42, /is a string/],
    ['a copy cut in the ciphertext', () => handle.slice(0, 300), /has 4 of 5 parts \(300 characters arrived\)/],
    ['a copy cut in the tag', () => handle.slice(0, -5), /truncated at \d+ of \d+ characters/],
    ['a copy with a space in it', () => `${handle.slice(0, 100)} ${handle.slice(100)}`, /Character 101 is a space/],
    ['a copy with a line break at its end', () => `${handle}\n`, /a line break/],
    ['a copy with an emoji in it', () => `${handle.slice(0, 9)}🦭${handle.slice(9)}`, /Character 10 is "🦭"/],
    ['a copy with a control character in it', () => `${handle.slice(0, 9)}\u0007${handle.slice(9)}`, /U\+0007/],
    ['a copy shortened with an ellipsis', () => `${handle.slice(0, 50)}…${handle.slice(-50)}`, /abbreviated/],
    ['the beginning of a copy with three dots', () => `${handle.slice(0, 100)}...`, /abbreviated/],
    ['a copy with a dot too many', () => handle.replace('..', '...'), /more than 5 parts/],
    ['a template', () => '{{handle}}', /is a placeholder/],
    ['the name of a variable', () => '$handle', /is a placeholder/],
    ['a name in place of the value', () => 'YOUR_HANDLE_HERE', /is a placeholder/],
    ['a redacted value', () => '[REDACTED]', /is a placeholder/],
    ['asterisks', () => '***', /is a placeholder/],
    ['the id of a task', () => 'jX3yJDSO7aCnUoCi', /looks like the id of a task/],
    ['an alias', () => 'task_33a8ky', /looks like an alias of waxseal wallet.*through the wallet/],
    ['an alias of a revision', () => 'task_33a8ky@2', /looks like an alias of waxseal wallet/],
    ['a short text', () => 'basket', /does not begin like a handle/],
    ['a copy with characters after its end', () => `${handle}AA`, /has 2 surplus characters at its end/],
    ['a copy with a sixth part', () => `${handle}.AAAA`, /has more than 5 parts/],
    ['a copy whose second part is not empty', () => handle.replace('..', '.AAAA.'), /second part/],
    ['a text longer than the limit', () => 'A'.repeat(8_193), /8193 characters; at most 8192/],
    ['a token of another format', () => 'eyJhbGciOiJIUzI1NiJ9..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA', /not the protected header/],
  ])('says what is wrong with %s', (_name, copy, message) => {
    const error = refusal(copy());
    expect(error.code).toBe('malformed');
    expect(error.message).toMatch(message);
  });

  it('says how long the handle was if a copy lost its end', () => {
    expect(refusal(handle.slice(0, -5)).message).toContain(`truncated at ${handle.length - 5} of ${handle.length} characters`);
  });
});

describe('the kid in a handle', () => {
  it.each(['k', 'k'.repeat(32)])('is read back as %s, whether the handle is compressed or not', async (kid) => {
    const renamed = { ...keys.key, kid };
    for (const [st, zip] of [
      ['x', undefined],
      ['again and again '.repeat(100), 'DEF'],
    ]) {
      expect(readParts(await seal(claimsWith({ st }), renamed, { compress: true })).header).toMatchObject({ kid, ...(zip && { zip }) });
    }
  });
});

describe('readParts', () => {
  const spell = (text: string) => `${base64url.encode(text)}.${handle.split('.').slice(1).join('.')}`;
  it.each([
    ['its members in another order', (kid: string) => `{"enc":"A256GCM","alg":"dir","kid":"${kid}","typ":"handle"}`],
    ['white space', (kid: string) => `{"alg":"dir", "enc":"A256GCM","kid":"${kid}","typ":"handle"}`],
    ['an escape', (kid: string) => `{"alg":"d\\u0069r","enc":"A256GCM","kid":"${kid}","typ":"handle"}`],
    ['a member twice', (kid: string) => `{"alg":"dir","alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle"}`],
    ['alg none', (kid: string) => `{"alg":"none","enc":"A256GCM","kid":"${kid}","typ":"handle"}`],
    ['alg PBES2', (kid: string) => `{"alg":"PBES2-HS256+A128KW","p2c":2147483647,"enc":"A256GCM","kid":"${kid}","typ":"handle"}`],
    ['another enc', (kid: string) => `{"alg":"dir","enc":"A128CBC-HS256","kid":"${kid}","typ":"handle"}`],
    ['crit', (kid: string) => `{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle","crit":["exp"]}`],
    ['jku', (kid: string) => `{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle","jku":"https://evil.example/"}`],
    ['the typ missing', (kid: string) => `{"alg":"dir","enc":"A256GCM","kid":"${kid}"}`],
    ['the cty of a nested JWT', (kid: string) => `{"alg":"dir","enc":"A256GCM","kid":"${kid}","cty":"JWT"}`],
    ['the kid missing', () => '{"alg":"dir","enc":"A256GCM","typ":"handle"}'],
    ['a kid of 33 characters', () => `{"alg":"dir","enc":"A256GCM","kid":"${'k'.repeat(33)}","typ":"handle"}`],
    ['a byte order mark', (kid: string) => `\uFEFF{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle"}`],
    ['text after its end', (kid: string) => `{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle"} `],
    ['another zip', (kid: string) => `{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle","zip":"GZ"}`],
    ['text that is not JSON', () => 'header'],
  ])('refuses a protected header with %s', (_name, text) => {
    expect(refusal(spell(text(keys.key.kid))).code).toBe('malformed');
  });
});

describe('the reason why a text is no handle', () => {
  it.each(['%', '((', 'a_', 'handle ', '...'])('is found in time that grows with the length of the text: %j', async (part) => {
    const refuse = async (count: number) => expect(() => readParts(`${part.repeat(count)}!`, 65_536)).toThrow(HandleMalformed);
    expect(await growsInProportion(refuse, Math.floor(8_000 / part.length))).toBe(true);
  });
});
