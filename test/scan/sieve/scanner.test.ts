import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLikeCiphertext, isSuspectPiece } from '../../../src/scan/pieces/ciphertext.ts';
import { createScanner, type Hit, type Scanner } from '../../../src/scan/sieve/scanner.ts';
import { compiled } from '../../../src/scan/sieve/wasm/build.mjs';

const scanner = createScanner() as Scanner;

/** Puts a text into the scanner's memory, between spaces. `before` is the number of spaces before the text. */
function placed(text: string, before = 0): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  const memory = scanner.memory(before + bytes.length + 64);
  memory.fill(0x20);
  memory.set(bytes, before);
  return memory.subarray(before, before + bytes.length);
}

function hitsIn(bytes: Uint8Array, from = 0, to = bytes.length): Hit[] {
  const search = scanner.search(bytes, from, to);
  const hits: Hit[] = [];
  for (let hit = search.next(); hit !== undefined; hit = search.next()) hits.push(hit);
  return hits;
}

/** Returns the ends of the long words that look like ciphertext. The search must find each of them. */
const endsOfCiphertext = (text: string) =>
  [...text.matchAll(/[A-Za-z0-9._-]{12,}/g)]
    .filter(({ 0: word }) => /[a-z]/.test(word) && /[A-Z]/.test(word) && (isSuspectPiece(word) || isLikeCiphertext(word)))
    .map(({ 0: word, index }) => index + word.length)
    .filter((end) => end < text.length);

describe('the scanner', () => {
  it('is compiled from the source beside it', async () => {
    expect(await readFile(new URL('../../../src/scan/sieve/scanner.wasm.ts', import.meta.url), 'utf8')).toBe(await compiled());
  });

  it('finds the end of every long word that looks like ciphertext', () => {
    const part = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9._-]{1,90}$/),
      fc.constantFrom(' ', '\n', '"', '","', '{}', '\t', '\u00e4', '\r\n', '<b>', '\\n', '%20', '= ', '\u001b[0m'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 300 }), fc.nat(70), (parts, before) => {
        // At the end of the text, the search would wait for the rest of base64.
        const text = `${parts.join('')}\n`;
        const ends = hitsIn(placed(text, before)).map(({ end }) => end);
        for (const end of endsOfCiphertext(text)) expect(ends).toContain(end);
      }),
      { numRuns: 300 },
    );
  });

  it('finds a word that begins in one window and ends in the next', () => {
    for (let before = 8_100; before < 8_300; before += 1) {
      const text = `${'. '.repeat(before / 2)}${before % 2 === 0 ? '' : ' '}q7ZkR_x2Vb9Ph `;
      expect(hitsIn(placed(text))).toContainEqual(expect.objectContaining({ end: text.length - 1 }));
    }
  });

  it('passes over ordinary words, and over ciphertext of one letter case unless a break and more ciphertext follow', () => {
    expect(hitsIn(placed('get_task_status: handleRequest (REQUEST_COMPLETED), 0123456789abcdef, "outcome","x9q-v2k7zj3w"; '))).toEqual([]);
    for (const lineEnd of ['\\n', '"\n"', '" +\r\n"', '%0a', '\u001b[0m', '\u00ad', ' \u00e2\u0094\u0082\n']) {
      const hit = { at: 12, end: 12, isAtBreak: true };
      expect(hitsIn(placed(`x9q-v2k7zj3w${lineEnd}Q7ZkR-x2Vb9PhQ4t and so on`)), lineEnd).toContainEqual(hit);
    }
    expect(hitsIn(placed('x9q-v2k7zj3w\nanother line of words'))).toEqual([]);
  });

  it('finds the beginning of a handle', () => {
    expect(hitsIn(placed('a eyJhbGci'))).toContainEqual(expect.objectContaining({ at: 4, end: -1 }));
  });

  it('finds short words on separate lines only if they look like ciphertext together', () => {
    expect(hitsIn(placed('one\ntwo\nthree\n\n{}'))).toEqual([]);
    expect(hitsIn(placed(`${'one\ntwo\nthree\nfour\n'.repeat(100)}\n{}`))).toEqual([]);
    const words = 'one\ntwo\nthree\nfour\n'.repeat(20);
    const pieces = 'q7Zk\nR_x2\nVb9P\nhQ4t\nKw8z\nLm3X\n';
    expect(hitsIn(placed(`${pieces}{}`))).toContainEqual({ at: 4, end: 4, isAtBreak: true });
    expect(hitsIn(placed(`${words}${pieces}${words}{}`)).some(({ end }) => end <= words.length + 4)).toBe(true);
    expect(hitsIn(placed('one\ney\nJhb\n\n{}'))).toContainEqual({ at: 3, end: 3, isAtBreak: true });
  });

  it.each([
    ['a control character', 'a \u0001 b', true],
    ['an invisible character', 'a \u00e2\u0080\u008b b', true],
    ['the soft hyphen of ISO 8859-1', 'over\u00adflow', true],
    ['an escaped soft hyphen', 'over\\u00adflow', true],
    ['a dash and quotation marks', '\u00e2\u0080\u009cquoted\u00e2\u0080\u009d \u00e2\u0080\u0094 and', false],
    ['a Chinese character with the byte of a soft hyphen', '\u00e4\u00b8\u00ad', false],
    ['an escaped letter', 'caf\\u00e9', false],
    ['a coloured word', '\u001b[32mINFO\u001b[0m a \u001b[36mrequest\u001b[0m', false],
    ['coloured characters of ciphertext', `${'\u001b[3mq7Zk\u001b[4mR_x2'.repeat(4)}\u001b[0m`, true],
    ['coloured characters of ciphertext in JSON', `${'\\u001b[3mq7Zk\\u001b[4mR_x2'.repeat(4)}\\u001b[0m`, true],
    ['a percent sign of a URL', '/a%20b%2Fc', false],
  ])('tells whether a text may be binary data or interrupted text: %s', (_name, text, expected) => {
    const search = scanner.search(placed(`${text} and so on `), 0, text.length + 8);
    while (search.next() !== undefined);
    expect(search.mayBeReported).toBe(expected);
  });

  it('finds coloured ciphertext that begins before the searched bytes', () => {
    const text = `${'\u001b[3mq7Zk\u001b[4mR_x2'.repeat(4)}\u001b[0m and so on`;
    const search = scanner.search(placed(text), 40, text.length);
    while (search.next() !== undefined);
    expect(search.mayBeReported).toBe(true);
  });

  it('reports numeric escapes that may continue after the searched bytes', () => {
    const text = 'the text %65%79%4a';
    const search = scanner.search(placed(`${text} `), 0, text.length);
    while (search.next() !== undefined);
    expect(search.escapes).toBe(9);
    expect(hitsIn(placed(`${'%65'.repeat(8)} `))).toContainEqual(expect.objectContaining({ at: 21, end: -1 }));
  });

  it('counts line feeds', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\n', '\r', 'a', 'some more text'), { maxLength: 200 }), (parts) => {
        const bytes = placed(parts.join(''));
        expect(scanner.countLines(bytes, 0, bytes.length)).toBe(parts.filter((part) => part === '\n').length);
      }),
    );
  });

  it('keeps the content of its memory when the memory grows', () => {
    const one = createScanner() as Scanner;
    one.memory(1_000).set(Buffer.from('some text'), 100);
    const memory = one.memory(5_000_000);
    expect(memory.length).toBeGreaterThanOrEqual(5_000_000);
    expect(Buffer.from(memory.subarray(100, 109)).toString()).toBe('some text');
  });
});
