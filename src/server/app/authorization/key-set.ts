/** Finds the keys that may have signed a token in a JWK Set (RFC 7517). */
import type { JWK } from 'jose';
import * as z from 'zod';

/**
 * The accepted signature algorithms (RFC 8725 §3.1, RFC 9864), with the keys that they need. The table has neither
 * `none` nor an algorithm with a shared secret.
 */
const KEY_FOR: Readonly<Record<string, { readonly kty: string; readonly crv?: string }>> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
  ...Object.fromEntries(['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'].map((alg) => [alg, { kty: 'RSA' }])),
};

export const ALGORITHMS: readonly string[] = Object.keys(KEY_FOR);

/**
 * The most keys that are tried for a token. A token without a `kid` can fit many keys, and anyone can send such tokens.
 */
const MOST_KEYS = 16;

/** The shortest modulus of an RSA key, in bits (RFC 7518 §3.3). */
const SHORTEST_RSA = 2048;

/** The parameters of a token's header that choose its key. */
export interface KeyHeader {
  readonly alg: string;
  readonly kid?: unknown;
}

/** Returns the keys that may have signed a token with this header, the likeliest first. */
export type FindKeys = (header: KeyHeader) => readonly JWK[];

/** A text. Anything else counts as absent, because some authorization servers write null or the empty text. */
const optional = z.string().min(1).optional().catch(undefined);

/** The members of a key that this server reads. Other members cannot spoil a key. */
const Listed = z.object({
  kty: z.enum(['EC', 'OKP', 'RSA']),
  kid: optional,
  // These three members limit what a key may do. A value of another type limits it, too, so such a key is not used.
  alg: z
    .string()
    .nullish()
    .transform((alg) => alg || undefined),
  use: z
    .string()
    .regex(/^(?:sig)?$/i)
    .nullish(),
  key_ops: z
    .array(z.unknown())
    .nullish()
    .refine((operations) => !operations || operations.includes('verify') || operations.includes('sign')),
  // Anyone can read the private part `d` of a published key, so a signature of this key proves nothing.
  d: z.null().optional(),
  crv: optional,
  n: optional,
  e: optional,
  x: optional,
  y: optional,
});

type Listed = z.output<typeof Listed>;

/** A key whose private part is published. */
const Published = z.looseObject({ kty: Listed.shape.kty, d: z.string() });

/** A key that can verify signatures, with its public members alone. */
interface UsableKey extends Listed {
  readonly jwk: JWK;
}

/**
 * Reads a JWK Set. A list of keys and a single key also count as a set.
 *
 * @returns a function that finds keys, or a text that says that the set has no key that can verify a signature
 */
export async function keySetOf(document: unknown): Promise<FindKeys | string> {
  const listed = listedIn(document);
  const keys = (await Promise.all(listed.map(usableIn))).flat();
  if (keys.length === 0) {
    const isPublished = listed.some((jwk) => Published.safeParse(jwk).success);
    return `the response has no usable signing key${isPublished ? '. It publishes the private part of a key, so anyone can sign with this key' : ''}`;
  }
  return ({ alg, kid }) => {
    const isNamed = typeof kid === 'string' && kid !== '';
    const fitting = keys.filter((key) => fits(key, alg) && (!isNamed || key.kid === undefined || key.kid === kid));
    const likeliest = fitting.toSorted((one, other) => Number(other.kid === kid) - Number(one.kid === kid));
    return likeliest.slice(0, MOST_KEYS).map(({ jwk }) => jwk);
  };
}

function listedIn(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document;
  const { keys } = (document ?? {}) as { keys?: unknown };
  return Array.isArray(keys) ? keys : [document];
}

/** Returns the key, or nothing if the key cannot verify a signature. */
async function usableIn(listed: unknown): Promise<UsableKey[]> {
  const { data } = Listed.safeParse(listed);
  if (data === undefined || !ALGORITHMS.some((alg) => fits(data, alg))) return [];
  const { kty, crv, n, e, x, y } = data;
  const jwk = Object.fromEntries(Object.entries({ kty, crv, n, e, x, y }).filter(([, value]) => value !== undefined)) as JWK;
  try {
    const { algorithm } = await crypto.subtle.importKey('jwk', jwk, importOf(data), true, ['verify']);
    return ((algorithm as RsaHashedKeyAlgorithm).modulusLength ?? SHORTEST_RSA) >= SHORTEST_RSA ? [{ ...data, jwk }] : [];
  } catch {
    return [];
  }
}

function importOf({ kty, crv = '' }: Listed): AlgorithmIdentifier | RsaHashedImportParams | EcKeyImportParams {
  if (kty === 'RSA') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  return kty === 'EC' ? { name: 'ECDSA', namedCurve: crv } : { name: crv };
}

function fits({ kty, crv, alg: only }: Listed, alg: string): boolean {
  const needed = KEY_FOR[alg];
  if (needed === undefined || needed.kty !== kty || (needed.crv !== undefined && needed.crv !== crv)) return false;
  // EdDSA is an older name of Ed25519 (RFC 9864).
  return only === undefined || only === alg || (kty === 'OKP' && KEY_FOR[only]?.crv === crv);
}
