import { createHash } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createScanner, type Scanner } from '../../../src/scan/sieve/scanner.ts';
import { newHandle } from '../support.ts';

const scanner = createScanner() as Scanner;
const handle = newHandle(200);
const rest = handle.slice(handle.indexOf('..') + 2);

/** Returns bytes that look random and are the same in every run. */
const bytes = (count: number, name = '') =>
  Buffer.concat(Array.from({ length: Math.ceil(count / 32) }, (_, at) => createHash('sha256').update(`${name}${at}`).digest())).subarray(
    0,
    count,
  );
const base64 = (content: string | Buffer | readonly Buffer[]) =>
  (Array.isArray(content) ? Buffer.concat(content) : Buffer.from(content as string)).toString('base64');
const base64url = (content: string | Buffer) => Buffer.from(content).toString('base64url');
/** Adds bytes, so that base64 of the content ends with padding. */
const padded = (content: string | Buffer | readonly Buffer[]) => {
  const all = Array.isArray(content) ? Buffer.concat(content) : Buffer.from(content as string);
  return Buffer.concat([all, Buffer.alloc((4 - (all.length % 3)) % 3, '!')]);
};
const inLines = (digits: string, width: number, lineEnd = '\n') => digits.match(new RegExp(`.{1,${width}}`, 'g'))?.join(lineEnd) ?? '';
const jws = (header: string, payload: string | Buffer, signature = bytes(64)) =>
  [header, payload, signature].map((part) => base64url(part)).join('.');

/** Tells whether the search passes over a line, so that the redactor does not read the line. */
function isPassed(line: string): boolean {
  const text = Buffer.from(`the beginning,\n${line}\nanother line of words, and more\n`);
  const memory = scanner.memory(text.length + 64);
  memory.fill(0x20).set(text);
  const search = scanner.search(memory.subarray(0, text.length), 0, text.length - 10);
  return search.next() === undefined && !search.mayBeReported;
}

/** Returns where base64 begins whose end has not arrived yet, or -1. Old bytes stand in the memory after the log. */
function unfinishedIn(log: string, after: string): number {
  const memory = scanner.memory(log.length + after.length);
  memory.fill(0x20).set(Buffer.from(log + after));
  const search = scanner.search(memory.subarray(0, log.length), 0, log.length - 10);
  expect(search.next()).toBeUndefined();
  return search.unfinished;
}

/** With this name, base64 of 30 bytes has neither + nor /. */
const WITHOUT_SLASH = 'name 2';
/** Base64 of this text in lines of 64 digits ends with a line of 20 digits. */
const SHORT_END = `${'{"topic": "lost luggage"}, '.repeat(6).slice(0, 142)}"iat":1785240286}`;

/** With this name, base64 of 70 bytes has neither + nor /. */
const WITHOUT_SIGNS = 'name 2';

/** The form of a piece of a handle that has neither a hyphen nor an underscore. */
const PIECE = 'NERNNc3rvapvXf1VlxMbJ0fZfOdFVrroQc11gWKnZNYBpBdVVZVXUiLC';

const HEADER = '{"alg":"RS256","typ":"JWT","kid":"mX2p8QeZ1"}';
const CLAIMS = JSON.stringify({
  iss: 'https://login.example.com/tenant/v2.0',
  aud: 'https://mcp.example.com/mcp',
  sub: 'auth0|5f7c8ec7c33c6c004bbafe82',
  iat: 1_785_240_000,
  exp: 1_785_243_600,
  scope: 'openid profile research',
  jti: '550e8400-e29b-41d4-a716-446655440000',
});

describe('the search of a log', () => {
  it.each([
    ['a JWS after Bearer', `Authorization: Bearer ${jws(HEADER, CLAIMS)}`],
    ['a JWS of HMAC', `token=${jws('{"alg":"HS256"}', '{"sub":"anna","iat":1785240000}', bytes(32))}; path=/`],
    ['a JWS with a detached payload', `"jws":"${base64url(HEADER)}..${base64url(bytes(64))}"`],
    ['a JWS without a signature', `"jws":"${base64url('{"typ":"JWT","alg":"none"}')}.${base64url(CLAIMS)}."`],
    ['binary data in base64', `{"body":"${base64(bytes(600))}"}`],
    ['binary data in base64 in JSON within JSON', JSON.stringify({ msg: JSON.stringify({ body: base64(bytes(601)) }) })],
    ['text in base64', `{"body":"${base64(CLAIMS)}"}`],
    ['text in base64url', `cursor=${base64url(CLAIMS)}&limit=5`],
    ['a digest', `{"digest":"${base64(bytes(32))}"}`],
    ['a digest in a lock file', `"integrity": "sha512-${base64(bytes(64))}",`],
    ['a certificate', `-----BEGIN CERTIFICATE-----\n${inLines(base64(bytes(900)), 64)}\n-----END CERTIFICATE-----`],
    [
      'a certificate whose first line begins with a plus',
      `-----BEGIN CERTIFICATE-----\n${inLines(base64(Buffer.concat([Buffer.from('f8', 'hex'), bytes(900)])), 64)}\n-----END CERTIFICATE-----`,
    ],
    ['an attachment of a mail', `\r\n${inLines(base64(bytes(901)), 76, '\r\n')}\r\n--boundary\r`],
    ['an attachment with text', `(none)\n\n${inLines(base64(CLAIMS.repeat(3)), 76)}\n\n`],
    ['indented base64 in YAML', `tls.crt: |\n  ${inLines(base64(bytes(900)), 64, '\n  ')}\n  -- end`],
    [
      'a certificate whose first lines have no long words',
      `-----BEGIN CERTIFICATE-----\n${inLines('aB3/'.repeat(32) + base64(bytes(900)), 64)}\n-----END CERTIFICATE-----`,
    ],
    ['a digest that begins like UTF-16', `{"digest":"${base64([Buffer.from([0xf1, 0, 0xf2, 0]), bytes(28)])}"}`],
    ['a digest that ends with the first letters of a handle', `{"digest":"${base64(bytes(32)).slice(0, -9)}eyJVudz0="}`],
    ['a trace id', `{"traceId":"${base64(bytes(16))}","spanId":"${base64(bytes(8))}"}`],
  ])('passes over %s', (_name, line) => {
    expect(isPassed(line)).toBe(true);
  });

  it('passes over nearly every digest', () => {
    const digests = Array.from({ length: 2_000 }, (_, at) => base64(bytes(32, `digest ${at}`)));
    expect(digests.filter((digest) => !isPassed(`{"digest":"${digest}"}`)).length).toBeLessThan(3);
  });

  it('passes over the rest of a certificate if the search begins in its middle', () => {
    const text = Buffer.from(`-----BEGIN CERTIFICATE-----\n${inLines(base64(bytes(900)), 64)}\n-----END CERTIFICATE-----\n`);
    const memory = scanner.memory(text.length + 64);
    memory.fill(0x20).set(text);
    for (let from = 100; from < 900; from += 100)
      expect(scanner.search(memory.subarray(0, text.length), from, text.length - 10).next(), `${from}`).toBeUndefined();
  });

  it.each([
    ['a handle', handle],
    ['the header of a handle', handle.slice(0, 70)],
    ['the first characters of a handle', handle.slice(0, 16)],
    ['a piece of a handle', rest.slice(30, 60)],
    ['the end of a handle', rest.slice(-40)],
    ['a handle in base64', base64(handle)],
    ['the rest of a handle in base64', base64(rest)],
    ['short pieces on lines', rest.match(/.{7}/g)?.join('\n') ?? ''],
    ['the beginning of a handle in escapes', handle.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`).slice(0, 9)],
    ['an array of bytes', JSON.stringify([...Buffer.from(handle)])],
    ['an array of characters', JSON.stringify([...handle])],
  ])('stops at a JWS and at base64 that contain %s', (_name, piece) => {
    const content = JSON.stringify({ sub: 'anna', state: piece });
    expect(isPassed(`Bearer ${jws(HEADER, content)}`), 'JWS').toBe(false);
    expect(isPassed(`{"body":"${base64(content)}"}`), 'base64').toBe(false);
    expect(isPassed(`-----\n${inLines(base64(content), 64)}\n-----`), 'lines').toBe(false);
    for (const before of [40, 41, 42])
      expect(
        isPassed(`{"body":"${base64(Buffer.concat([Buffer.from(`{"topic":"${'a b '.repeat(before)}`), Buffer.from(content)]))}"}`),
      ).toBe(false);
  });

  it('stops at binary data in base64 that contains a handle at any place', () => {
    for (const before of [100, 101, 102]) {
      const data = Buffer.concat([bytes(before), Buffer.from(handle), bytes(200)]);
      expect(isPassed(`{"body":"${base64(data)}"}`), `${before}`).toBe(false);
      expect(isPassed(`-----\n${inLines(base64(data), 76)}\n-----`), `${before}`).toBe(false);
    }
  });

  it('stops at short binary data in base64 that contains 24 characters of a handle at any place', () => {
    for (let length = 25; length <= 46; length += 1)
      for (let before = 0; before <= length - 24; before += 1) {
        const around = bytes(length, 'around');
        const data = [around.subarray(0, before), Buffer.from(rest.slice(20, 44)), around.subarray(before + 24)];
        const digits = base64(data);
        if (digits.endsWith('=')) expect(isPassed(`{"key":"${digits}"}`), `${length}, ${before}`).toBe(false);
      }
  });

  it('stops at binary data in base64 that contains a piece of a handle, also after a path', () => {
    for (const before of [100, 101, 102]) {
      const body = base64(Buffer.concat([bytes(before), Buffer.from(rest.slice(20, 60)), bytes(200)]));
      expect(isPassed(`{"body":"${body}"}`), `${before}`).toBe(false);
      for (const path of ['', 'v', 'v1', 'v12']) expect(isPassed(`{"url":"/${path}/${body}"}`), `${path} ${before}`).toBe(false);
    }
  });

  it.each([
    ['a header that contains the beginning of a handle', jws(`{"alg":"HS256","kid":"${handle.slice(0, 30)}"}`, CLAIMS)],
    ['a header that contains a handle in base64', jws(`{"alg":"HS256","kid":"${base64url(handle)}"}`, CLAIMS)],
    ['a header of a handle without its beginning', jws('{"kid":"abcdefgh","typ":"handle"}', CLAIMS)],
    ['a header that is not JSON', jws('{"alg":"RS256","typ":"JWT","kid":"mX2p8QeZ1"', CLAIMS)],
    ['a cut signature', jws(HEADER, CLAIMS, bytes(30))],
    ['a binary payload', jws(HEADER, bytes(100))],
    ['a fourth part', `${jws(HEADER, CLAIMS)}.${base64url(bytes(30))}`],
  ])('stops at a JWS with %s', (_name, token) => {
    expect(isPassed(`Bearer ${token}`)).toBe(false);
  });

  it.each([
    ['base64 that continues on the next line', `"${base64(bytes(57))}\n${base64(bytes(57))}"`],
    ['base64 in lines that may continue', `-----\n${inLines(base64(bytes(900)), 64)}\n2026-11-27 a record`],
    ['base64 in lines that may have begun before', `sG7x\n${inLines(base64(bytes(900)), 64)}\n-----`],
    ['the lines that a patch adds', `@@ -1 +1,2 @@\n${inLines(base64(bytes(150)), 60).replace(/^/gm, '+')}\n-----`],
    ['base64 after a space', `id ${base64(bytes(600))}, and so on`],
    ['base64 of compressed data', `{"body":"${base64(gzipSync(CLAIMS.repeat(3)))}"}`],
    ['random digits without proof that they are base64', `{"id":"${base64(bytes(600)).replace(/[+/=]/g, 'a')}"}`],
    ['base64 of a wrong length', `{"body":"${base64(bytes(600)).slice(1)}"}`],
  ])('stops at %s', (_name, line) => {
    expect(isPassed(line)).toBe(false);
  });

  it.each([
    ['base64 of JSON directly after a path', `{"url":"/api/v12/abc${base64(padded(JSON.stringify({ pieces: rest.match(/.{13}/g) })))}"}`],
    ['UTF-16 after a cut character', `{"body":"${base64(padded([Buffer.from([0xac]), Buffer.from(rest, 'utf16le')]))}"}`],
    ['compressed data after a cut character', `{"body":"${base64(padded([Buffer.from([0x82, 0xac]), gzipSync(CLAIMS)]))}"}`],
    ['two short lines of compressed data', `-----\n${inLines(base64(deflateSync(CLAIMS)).slice(0, 116), 60)}\n-----`],
    ['lines that are no groups of four digits', `-----\n${inLines(base64(CLAIMS.repeat(3)), 61)}\n-----`],
    ['base64 without + and / below a word', `transferencoding\n\n${base64(padded(bytes(70, WITHOUT_SIGNS)))}\n-----`],
    ['base64 below a word that ends with a space', `abcd \n${inLines(base64(bytes(901)), 60)}\n-----`],
    ['two lines of a patch and a short word', `@@ -1 +1,2 @@\n${base64(bytes(45))}\n+${base64(bytes(45, 'second')).slice(1)}\nabc=\n-----`],
    ['text whose last line may continue', `(none)\n\n${inLines(base64(SHORT_END), 64)}\n\nin\non\nquick on. hundred`],
    ['a digest after a word', `"x.sha512-${base64(bytes(64))}"`],
    ['base64 after a name that is no name of a digest', `"sha5-${base64(bytes(64))}"`],
    ['binary data with many zeros', `{"body":"${base64(bytes(48))}/${'A'.repeat(5_003)}${base64(padded(bytes(49)))}"}`],
  ])('also stops at %s', (_name, line) => {
    expect(isPassed(line)).toBe(false);
  });

  it('stops at data after the prefix of a digest that contains a piece of a handle, wherever the groups of digits begin', () => {
    const digits = base64([bytes(30, WITHOUT_SLASH), Buffer.from(rest.slice(20, 60)), bytes(30, WITHOUT_SLASH)]);
    for (const count of [0, 1, 2, 3])
      expect(isPassed(`"sha512-${'A'.repeat(count)}${digits.slice(0, 128 - count)}0+=="`), `${count}`).toBe(false);
  });

  it.each([
    ['\u00ad', ''],
    ['m\u001b[31', 'WlLNrPX67cKuQY8bCeLmY477'],
  ])('stops at lines of base64 whose bytes are ciphertext between %j', (sign, before) => {
    const data = padded([Buffer.from(before, 'base64'), Buffer.from(`${rest.match(/.{1,2}/g)?.join(sign)}m`, 'latin1')]);
    expect(isPassed(`(none)\n\n${inLines(base64(data), 64)}\n-----`)).toBe(false);
  });

  it.each([
    ['the second line', `${'abc/'.repeat(15)}\n+bc/${'abc/'.repeat(14)}\n${PIECE}`],
    ['the third line', `${'abc/'.repeat(15)}\n${'abc/'.repeat(15)}\n+bc/${'abc/'.repeat(14)}\n${PIECE}`],
    ['the line of the piece', `${'abc/'.repeat(15)}\n+${PIECE}bcd\n${'abc/'.repeat(10)}`],
    ['a line after a random word', `aQz9xKw7vB2p/${'aB3/'.repeat(12).slice(0, 47)}\n+bc/${'abc/'.repeat(14)}\n${PIECE}`],
  ])('stops at lines of base64 with a piece of a handle if a plus begins %s', (_name, lines) => {
    expect(isPassed(`(x)\n${lines}\n\n`)).toBe(false);
  });

  it('waits for the character after backslashes and after a hyphen, whatever stands in the memory after the log', () => {
    const line = base64(bytes(600));
    const before = 'the beginning,\n';
    expect(unfinishedIn(`${before}{"body":"${line}\\`, '"}\n')).toBe(before.length + '{"body":"'.length);
    expect(unfinishedIn(`${before}-----\n${inLines(line, 64)}\n-`, '-----\n')).toBe(before.length + '-----\n'.length);
  });

  it('finds coloured ciphertext after base64 of other coloured text', () => {
    const coloured = (text: string) => [...text].map((character) => `\u001b[31m${character}`).join('');
    const other = base64(padded('colours: m1a2b3c\\u001b and m4d5e6f\\u001b'));
    for (const between of ['', ` "${other}" `]) {
      const text = Buffer.from(`${coloured('thetheinthethein')}${between}${coloured(rest.slice(20, 50))}\u001b[0m and so on\n`);
      const memory = scanner.memory(text.length);
      memory.set(text);
      const search = scanner.search(memory.subarray(0, text.length), 0, text.length);
      while (search.next() !== undefined);
      expect(search.mayBeReported, between).toBe(true);
    }
  });

  it('waits at base64 whose end is not yet in memory, and passes over base64 that is wholly in memory, even if it ends after the searched bytes', () => {
    const text = Buffer.from(`the beginning,\n{"body":"${base64(bytes(600))}"}\n`);
    const memory = scanner.memory(text.length + 64);
    memory.fill(0x20).set(text);
    const start = text.indexOf('body') + 'body":"'.length;
    const unfinished = scanner.search(memory.subarray(0, 300), 0, 200);
    expect(unfinished.next()).toBeUndefined();
    expect(unfinished.unfinished).toBe(start);
    const whole = scanner.search(memory.subarray(0, text.length), 0, 200);
    expect(whole.next()).toBeUndefined();
    expect([whole.unfinished, whole.endOfHarmless]).toEqual([-1, start + 800]);
  });
});
