import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isLikeCiphertext, isSuspectPiece, mayBeNextPiece, SHORTEST_JUDGED } from '../../../src/scan/pieces/ciphertext.ts';

/** Makes a text of base64url that looks random and is the same in every run. */
const random = (length: number, seed: number) =>
  createHash('shake256', { outputLength: length }).update(`${length}:${seed}`).digest('base64url').slice(0, length);

describe('isLikeCiphertext', () => {
  it('recognizes nearly all ciphertext of 24 characters, and none that is shorter', () => {
    const texts = Array.from({ length: 5_000 }, (_, seed) => random(SHORTEST_JUDGED, seed));
    // By chance, a random text can look like written text, or lack small letters or capitals, as hexadecimal does.
    expect(texts.filter((text) => !isLikeCiphertext(text)).length).toBeLessThan(5);
    expect(isLikeCiphertext(random(SHORTEST_JUDGED - 1, 1))).toBe(false);
  });

  it('recognizes ciphertext anywhere among words', () => {
    for (const before of ['', 'words-and-words.', 'word_'.repeat(2_000)])
      expect(isLikeCiphertext(`${before}${random(40, 1)}.words-and-words`), `${before.length}`).toBe(true);
  });

  it.each([
    ['words', 'the-quick-brown-fox-asked-the-lazy-dog-for-lost-luggage'],
    ['an identifier', 'PerRequestHTTPServerTransportOptionsWithAVeryLongName'],
    ['a constant', 'MAX_LENGTH_OF_A_HEADER_LINE_IN_BYTES'],
    ['a digest in hexadecimal', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['a UUID', '550e8400-e29b-41d4-a716-446655440000'],
    ['a number', '3.141592653589793238462643383279502884197'],
    ['a host', 'ec2-203-0-113-25.compute-1.eu-central-1.amazonaws.com'],
    ['base32', 'JBSWY3DPEBLW64TMMQQQJBSWY3DPEBLW64TMMQQQ'],
  ])('does not recognize other text: %s', (_name, text) => {
    expect([isLikeCiphertext(text), isSuspectPiece(text)]).toEqual([false, false]);
  });
});

it('isSuspectPiece accepts most random pieces of 12 characters, and no word', () => {
  const pieces = Array.from({ length: 1_000 }, (_, seed) => random(12, seed));
  expect(pieces.filter((piece) => isSuspectPiece(piece)).length).toBeGreaterThan(800);
  const words = ['getUserToken', 'Authorization', 'lost-luggage', 'HealthCheck', 'ContentLength', '2026-11-27T08'];
  expect(words.filter((word) => isSuspectPiece(word))).toEqual([]);
});

it('mayBeNextPiece accepts pieces that look like words to isSuspectPiece, but hardly any word', () => {
  const pieces = Array.from({ length: 20_000 }, (_, seed) => random(16, seed)).filter((piece) => !isSuspectPiece(piece));
  const mixed = pieces.filter((piece) => /[a-z]/.test(piece) && /[A-Z]/.test(piece));
  expect(mixed.length).toBeGreaterThan(10);
  expect(mixed.filter((piece) => !mayBeNextPiece(piece)).length).toBeLessThan(mixed.length / 5);
  const words = ['getUserToken', 'Authorization', 'lost-luggage', 'HealthCheck', 'ContentLength', '2026-11-27T08'];
  expect(words.filter((word) => mayBeNextPiece(word))).toEqual([]);
});
