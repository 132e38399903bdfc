import type { JwkPair, RingContents, RingDocument } from './document.ts';
import { writeRevocations } from './revocations.ts';

/** How long a new pair mints by default: 365 days, in seconds. */
export const DEFAULT_KEY_LIFETIME = 365 * 86_400;

/** The times of a pair of keys, in seconds since 1970. */
export interface KeyValidity {
  /** When the pair was generated. */
  readonly iat: number;
  /** When the pair may start minting. */
  readonly nbf: number;
  /** When the pair must stop minting. */
  readonly exp: number;
}

/**
 * Generates a pair: an AES-256-GCM secret and an Ed25519 key pair. The `kid` is the first 48 bits of the public key's
 * thumbprint (RFC 7638), in 8 characters. It starts with a letter or digit: a command line would read `-` as an option.
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { generatePair } from 'waxseal/keys';
 *
 * const now = systemClock();
 * const pair = await generatePair({ iat: now, nbf: now, exp: now + 90 * 86_400 });
 * ```
 */
export async function generatePair({ iat, nbf, exp }: KeyValidity): Promise<JwkPair> {
  // The import is here because most servers only read rings, and never generate keys.
  const { calculateJwkThumbprint, exportJWK, generateKeyPair, generateSecret } = await import('jose');
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
 * Generates a ring with one pair of keys, which may mint from `now` on.
 *
 * @param now seconds since 1970
 * @param lifetime how long the pair mints, in seconds. Default: 365 days
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { generateRing, parseRing, toText } from 'waxseal/keys';
 *
 * const secret = toText(await generateRing(systemClock())); // keep it where you keep secrets
 * const ring = await parseRing(secret);
 * ```
 */
export async function generateRing(now: number, lifetime: number = DEFAULT_KEY_LIFETIME): Promise<RingDocument> {
  return toDocument([await generatePair({ iat: now, nbf: now, exp: now + lifetime })]);
}

/**
 * Makes a ring document from entries.
 *
 * @param rest other contents of the document. Default: not a development ring, and no revocations
 *
 * @example
 * ```ts
 * import { type JwkPair, toDocument, toText } from 'waxseal/keys';
 *
 * const write = (pairs: readonly JwkPair[]) => toText(toDocument(pairs));
 * ```
 */
export function toDocument(pairs: readonly JwkPair[], rest: Partial<Omit<RingContents, 'pairs'>> = {}): RingDocument {
  const revocations = rest.revocations && writeRevocations(rest.revocations);
  return {
    ...(rest.development && { development: true as const }),
    keys: pairs.flatMap(({ secret, signing }) => [secret, signing]),
    ...(revocations && { revocations }),
  };
}

/**
 * Writes a ring document as text, for a file or an environment variable. The text is secret.
 *
 * @example
 * ```ts
 * import { parseDocument, toDocument, toText } from 'waxseal/keys';
 *
 * const tidied = (ringText: string) => {
 *   const { pairs, ...rest } = parseDocument(ringText);
 *   return toText(toDocument(pairs, rest));
 * };
 * ```
 */
export function toText(document: RingDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
