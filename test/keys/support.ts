/** Rings for tests, generated in memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { generatePair, type JwkPair, type KeyValidity, parseRing, type Ring, toDocument, toText } from '../../src/keys/index.ts';

/** The present time of these tests. Seconds since 1970. */
export const NOW = 1_800_000_000;
export const MINUTE = 60;
export const HOUR = 3_600;
export const DAY = 86_400;

/** How long a retired key opens handles, in seconds: the longest life of a handle. */
export const AFTERLIFE = 30 * DAY;

/** A pair of keys. By default, it is generated at the time `nbf`, and mints for a day from then on. */
export function pairFrom(nbf: number, { iat = nbf, exp = nbf + DAY }: Partial<KeyValidity> = {}): Promise<JwkPair> {
  return generatePair({ iat, nbf, exp });
}

export function ringOf(pairs: readonly JwkPair[]): Promise<Ring> {
  return parseRing(toText(toDocument(pairs)));
}

export function kidOf(pair: JwkPair | undefined): string {
  if (pair === undefined) throw new Error('the test expected a pair here');
  return pair.secret.kid;
}

/** The newest pair of a ring, which `rotate` appends. */
export function lastOf(pairs: readonly JwkPair[]): JwkPair {
  const pair = pairs.at(-1);
  if (pair === undefined) throw new Error('the test expected a pair here');
  return pair;
}

/** Fails if a text has eight successive characters of a private member of the JWKs. */
export function expectNoSecrets(text: string, jwks: readonly unknown[]): void {
  const secrets = jwks.flatMap((jwk) => {
    const { k, d } = (jwk ?? {}) as { k?: unknown; d?: unknown };
    return [k, d].filter((value) => typeof value === 'string');
  });
  const slices = secrets.flatMap((secret) => Array.from({ length: Math.max(0, secret.length - 7) }, (_, at) => secret.slice(at, at + 8)));
  expect(slices.filter((slice) => text.includes(slice)).length, 'private characters in the text').toBe(0);
}

/** An empty folder, removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waxseal-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
