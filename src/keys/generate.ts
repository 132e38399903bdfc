import { calculateJwkThumbprint, exportJWK, generateKeyPair, generateSecret } from 'jose';
import type { JwkPair, RingContents, RingDocument } from './document.ts';
import { writeRevocations } from './revocations.ts';

/** How long a new pair mints unless told otherwise. Seconds (365 days). */
export const DEFAULT_KEY_LIFETIME = 365 * 86_400;

/** When a pair is generated, and between which moments it mints. Seconds since 1970. */
export interface KeyValidity {
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
}

/**
 * Generates one pair. Its `kid` is the first 48 bits of the public key's thumbprint (RFC 7638), in 8 characters,
 * of which the first is a letter or digit: on a command line `-` would make an option of it.
 */
export async function generatePair({ iat, nbf, exp }: KeyValidity): Promise<JwkPair> {
  const { k } = await exportJWK(await generateSecret('A256GCM', { extractable: true }));
  const { x, d } = await exportJWK((await generateKeyPair('Ed25519', { extractable: true })).privateKey);
  const kid = (await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x: x as string })).slice(0, 8);
  if (!/^[A-Za-z0-9]/.test(kid)) return generatePair({ iat, nbf, exp });
  return {
    secret: { kty: 'oct', use: 'enc', alg: 'A256GCM', kid, iat, nbf, exp, k: k as string },
    signing: { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', kid, iat, nbf, exp, x: x as string, d: d as string },
  };
}

/**
 * Generates a ring of one pair that mints from now on.
 *
 * @param now seconds since 1970
 * @param lifetime how long the pair mints, in seconds
 */
export async function generateRing(now: number, lifetime: number = DEFAULT_KEY_LIFETIME): Promise<RingDocument> {
  return toDocument([await generatePair({ iat: now, nbf: now, exp: now + lifetime })]);
}

/** Entries as a ring document, with what else the document says. */
export function toDocument(pairs: readonly JwkPair[], rest: Partial<Omit<RingContents, 'pairs'>> = {}): RingDocument {
  const revocations = rest.revocations && writeRevocations(rest.revocations);
  return {
    ...(rest.development && { development: true as const }),
    keys: pairs.flatMap(({ secret, signing }) => [secret, signing]),
    ...(revocations && { revocations }),
  };
}

/** A document as it is written to a file. */
export function toText(document: RingDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
