import type { JwkPair, RingContents, RingDocument } from './document.ts';
import { writeRevocations } from './revocations.ts';

/** How long a new pair mints by default. Seconds (365 days). */
export const DEFAULT_KEY_LIFETIME = 365 * 86_400;

/** When a pair is generated, and between which moments it mints. Seconds since 1970. */
export interface KeyValidity {
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
}

/**
 * Generates one pair: an AES-256-GCM secret and an Ed25519 key pair. The `kid` is the first 48 bits of the public key's
 * thumbprint (RFC 7638), in 8 characters. The first character is a letter or a digit, because a command line would take
 * a `kid` that begins with `-` for an option.
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
  // This import is not at the top of the file, because most servers only read a ring, and need no code that generates one.
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
 * Generates a ring with one pair, which mints from now on.
 *
 * @param now seconds since 1970
 * @param lifetime how long the pair mints, in seconds; default: 365 days
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
 * @param rest the other contents of the document; default: not for development, and nothing revoked
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
