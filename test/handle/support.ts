/** Keys, a fixed time, claims and handles for the tests of the format. */

import { base64url, type JWK } from 'jose';
import { type Claims, type Expectations, type FindKey, type HandleError, issue, type MintingKey } from '../../src/handle/index.ts';
import { generateRing, mintingKey, openingKey, parseRing, type SecretJwk, type SigningJwk, toText } from '../../src/keys/index.ts';

/** Noon of 2026-07-28 (UTC), in seconds since 1970. */
export const NOW = 1_785_240_000;
export const LIFETIME = 86_400;

export const STATE = { topic: 'impact of stateless MCP on autoscaling', depth: 2, status: 'running', results: [] };

export interface Keys {
  readonly key: MintingKey;
  readonly findKey: FindKey;
  /** The material of `key`, for `oracle.ts`: the AES secret, and the JWK that signs. */
  readonly material: { readonly secret: Uint8Array; readonly signing: JWK };
}

/** A new ring of one pair, active at {@link NOW}. */
export async function newKeys(): Promise<Keys> {
  const document = await generateRing(NOW);
  const [secret, signing] = document.keys as [SecretJwk, SigningJwk];
  const ring = await parseRing(toText(document));
  const key = mintingKey(ring, NOW);
  if (key === undefined) throw new Error('a fresh ring mints');
  const material = { secret: base64url.decode(secret.k), signing: { ...signing, alg: undefined } as unknown as JWK };
  return { key, findKey: (kid) => openingKey(ring, kid, NOW), material };
}

/** The keys as an inspector has them. They cannot mint. */
export function inspecting({ key, material }: Keys): Keys {
  const { kid, decrypt, verify } = key;
  return { key, material, findKey: (named) => (named === kid ? { kid, decrypt, verify, deriveIv: undefined } : undefined) };
}

/** Valid claims of a first revision, with the given members instead of the usual ones. */
export function claimsWith(members: Partial<Record<keyof Claims, unknown>> = {}): Claims {
  return { jti: 'AAECAwQFBgcICQoL', kind: 'research@1', rev: 1, iat: NOW, exp: NOW + LIFETIME, st: STATE, ...members } as Claims;
}

/** Issues a bearer handle of revision 1. */
export async function newHandle({ key }: Keys, state: unknown = STATE): Promise<string> {
  return (await issue({ kind: 'research@1', state, now: NOW, lifetime: LIFETIME }, key)).handle;
}

/** A call that accepts bearer handles with any research state. */
export function expecting({ findKey }: Keys, members: Partial<Expectations> = {}): Expectations {
  return { findKey, now: NOW, kinds: new Map([['research@1', (state: unknown) => state]]), needs: ['get_task_status', 'read'], ...members };
}

/** The error of a rejected promise. */
export async function errorOf(promise: Promise<unknown>): Promise<HandleError> {
  try {
    await promise;
  } catch (error) {
    return error as HandleError;
  }
  throw new Error('expected an error, but it went through');
}
