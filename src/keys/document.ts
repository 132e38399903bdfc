/** A key ring as text: a JWK Set (RFC 7517 §5), and what of it is accepted. */
import { fromBase64url, toBase64url } from '#platform';
import { KID } from '../handle/index.ts';
import { RingError } from './errors.ts';
import { isWeakPoint } from './points.ts';
import { type Revocations, type RevocationsDocument, readRevocations } from './revocations.ts';

/** Members that both halves of an entry carry, and must agree on. Times in seconds since 1970. */
interface Validity {
  readonly kid: string;
  /** When the pair was generated. */
  readonly iat: number;
  /** From when it may mint. */
  readonly nbf: number;
  /** Until when it may mint. */
  readonly exp: number;
  /** Present: the pair opens nothing any more (OpenID Federation 1.0 §8.7.2). */
  readonly revoked?: { readonly revoked_at: number; readonly reason?: string };
}

/** The half that encrypts: an AES-256-GCM secret (RFC 7518 §6.4). */
export interface SecretJwk extends Validity {
  readonly kty: 'oct';
  readonly use: 'enc';
  readonly alg: 'A256GCM';
  readonly k: string;
}

/** The half that signs: an Ed25519 pair (RFC 8037 §2), without `d` in an inspector ring. */
export interface SigningJwk extends Validity {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly use: 'sig';
  readonly alg: 'Ed25519';
  readonly x: string;
  readonly d?: string;
}

/** Both halves of one entry. */
export interface JwkPair {
  readonly secret: SecretJwk;
  readonly signing: SigningJwk;
}

/** A ring as it is written: two JWKs an entry, and whether it is only for development. */
export interface RingDocument {
  readonly keys: readonly (SecretJwk | SigningJwk)[];
  /** Present on a ring that a server generated for itself on its first start. */
  readonly development?: true;
  /** Absent: no task and no caller is revoked. */
  readonly revocations?: RevocationsDocument;
}

/** What a ring's document says, read and checked. */
export interface RingContents {
  readonly pairs: JwkPair[];
  readonly development: boolean;
  readonly revocations: Revocations;
}

/** Enough for years of rotation; more is a mistake. */
export const MAX_ENTRIES = 100;

/** The latest time that a ring may name: the year 9999. */
const LAST_SECOND = 253_402_300_799;

const HOW = 'Generate a ring with: waxseal keys generate --out ring.jwks';

/**
 * Reads the text of a ring.
 *
 * @throws {RingError} naming the entry and the member that is wrong
 */
export function parseDocument(text: string): RingContents {
  if (typeof text !== 'string') throw new RingError(`The key ring's text was expected, and there is none (is the variable set?). ${HOW}`);
  const document = parseJson(text);
  if (!isObject(document) || !Array.isArray(document['keys'])) {
    throw new RingError(`The key ring is not a JWK Set: expected an object with an array member "keys". ${HOW}`);
  }
  const keys: unknown[] = document['keys'];
  if (keys.length === 0) throw new RingError(`The key ring has no entries: "keys" is empty. ${HOW}`);
  if (keys.length > 2 * MAX_ENTRIES) {
    throw new RingError(`The key ring has ${keys.length} JWKs; at most ${2 * MAX_ENTRIES} (${MAX_ENTRIES} entries) are read.`);
  }
  const development = document['development'];
  if (development !== undefined && development !== true)
    throw new RingError('The key ring\'s member "development" must be true or absent.');
  refuseMisspeltRevocations(text, document, keys);
  const pairs = pairUp(keys.map(readJwk));
  requireDifferentKeys(pairs);
  requireOneProcedure(pairs);
  return { pairs, development: development === true, revocations: readRevocations(document['revocations']) };
}

function parseJson(text: string): unknown {
  try {
    // Some editors begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // The engine's message quotes the text, and the text is a secret.
    throw new RingError(`The key ring is not JSON. Expected a JWK Set: {"keys": [...]}. ${HOW}`);
  }
}

function readJwk(jwk: unknown, index: number): SecretJwk | SigningJwk {
  const name = entryName(jwk, index);
  if (!isObject(jwk)) throw new RingError(`${name} is not an object.`);
  if (jwk['kty'] !== 'oct' && jwk['kty'] !== 'OKP') {
    throw new RingError(`${name}: member "kty" must be "oct" (the secret) or "OKP" (the signing pair).`);
  }
  requireText(jwk, name, 'kid', KID, '1 to 32 characters of A-Z a-z 0-9 _ -');
  const validity = readValidity(jwk, name);
  if (jwk['kty'] === 'oct') {
    if (jwk['d'] !== undefined)
      throw new RingError(`${name}: an "oct" secret has no member "d"; a private key belongs into the "OKP" half.`);
    requireExactly(jwk, name, 'use', 'enc');
    requireExactly(jwk, name, 'alg', 'A256GCM');
    return { kty: 'oct', use: 'enc', alg: 'A256GCM', ...validity, k: requireBytes(jwk, name, 'k', 32) };
  }
  requireExactly(jwk, name, 'use', 'sig');
  requireExactly(jwk, name, 'crv', 'Ed25519');
  requireExactly(jwk, name, 'alg', 'Ed25519');
  const x = requireBytes(jwk, name, 'x', 32);
  if (isWeakPoint(fromBase64url(x))) {
    throw new RingError(`${name}: member "x" is no public key that can be trusted: its point is not canonical, or has small order.`);
  }
  const d = jwk['d'] === undefined ? {} : { d: requireBytes(jwk, name, 'd', 32) };
  return { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', ...validity, x, ...d };
}

function readValidity(jwk: Record<string, unknown>, name: string): Validity {
  const [iat, nbf, exp] = ['iat', 'nbf', 'exp'].map((member) => requireTime(jwk, name, member)) as [number, number, number];
  if (!(nbf < exp)) throw new RingError(`${name}: member "exp" must be later than "nbf".`);
  return { kid: jwk['kid'] as string, iat, nbf, exp, ...readRevocation(jwk, name) };
}

/** Members that nobody knows are ignored (RFC 7517 §4), but for those that an operator may have meant as a revocation. */
function refuseMisspeltRevocations(text: string, document: Record<string, unknown>, keys: readonly unknown[]): void {
  const misspelt = (members: object, known: string) => Object.keys(members).find((name) => /^revo/i.test(name) && name !== known);
  const found = misspelt(document, 'revocations') ?? keys.flatMap((jwk) => (isObject(jwk) ? (misspelt(jwk, 'revoked') ?? []) : []))[0];
  if (found !== undefined) {
    throw new RingError(
      `The key ring has a member ${JSON.stringify(found.slice(0, 40))}, which says nothing. A key has "revoked", the ring "revocations".`,
    );
  }
  // Of a member that stands twice a parser keeps one, and the other may be the revocation.
  for (const name of ['revocations', 'tasks', 'subjects']) {
    if (text.split(`"${name}"`).length > 2) throw new RingError(`The key ring has the member "${name}" more than once.`);
  }
}

/** An entry that says anything at all about revocation is revoked, or the ring is refused: never neither. */
function readRevocation(jwk: Record<string, unknown>, name: string): Pick<Validity, 'revoked'> {
  const revoked = jwk['revoked'];
  if (revoked === undefined) return {};
  if (!isObject(revoked)) throw new RingError(`${name}: member "revoked" must be an object with "revoked_at".`);
  const reason = typeof revoked['reason'] === 'string' ? { reason: revoked['reason'] } : {};
  return { revoked: { revoked_at: requireTime(revoked, `${name}, "revoked"`, 'revoked_at'), ...reason } };
}

function pairUp(jwks: readonly (SecretJwk | SigningJwk)[]): JwkPair[] {
  return [...new Set(jwks.map((jwk) => jwk.kid))].map((kid) => {
    const secrets = jwks.filter((jwk) => jwk.kid === kid && jwk.kty === 'oct') as SecretJwk[];
    const signings = jwks.filter((jwk) => jwk.kid === kid && jwk.kty === 'OKP') as SigningJwk[];
    const name = `Key ring entry "${kid}"`;
    if (secrets.length > 1 || signings.length > 1) throw new RingError(`${name}: duplicate "kid"; every pair needs one of its own.`);
    const [secret, signing] = [secrets[0], signings[0]];
    if (secret === undefined) throw new RingError(`${name} is half a pair: the "oct" secret (member "k") is missing.`);
    if (signing === undefined) throw new RingError(`${name} is half a pair: the "OKP" signing key (member "x") is missing.`);
    for (const member of ['iat', 'nbf', 'exp'] as const) {
      if (secret[member] !== signing[member]) throw new RingError(`${name}: member "${member}" differs between its two halves.`);
    }
    if ((secret.revoked === undefined) !== (signing.revoked === undefined)) {
      throw new RingError(`${name}: member "revoked" stands on one of its halves only.`);
    }
    return { secret, signing };
  });
}

/**
 * No 32 bytes stand twice in a ring, whatever they are for. One key under two names would mint twice as many handles as
 * it may; a secret that is also a private key would let an inspector mint, and one that is also public would be none.
 */
function requireDifferentKeys(pairs: readonly JwkPair[]): void {
  const seen = new Map<string, string>();
  for (const { secret, signing } of pairs) {
    for (const [member, value] of Object.entries({ k: secret.k, x: signing.x, d: signing.d })) {
      if (value === undefined) continue;
      const name = `member "${member}" of entry "${secret.kid}"`;
      const other = seen.get(value);
      if (other !== undefined)
        throw new RingError(`The key ring has the same 32 bytes as ${other} and as ${name}; every key needs its own.`);
      seen.set(value, name);
    }
  }
}

/** Some entries would be opened as a replica opens, and others as an inspector does. */
function requireOneProcedure(pairs: readonly JwkPair[]): void {
  const without = pairs.find(({ signing }) => signing.d === undefined);
  if (without === undefined || pairs.every(({ signing }) => signing.d === undefined)) return;
  throw new RingError(
    `Key ring entry "${without.secret.kid}": member "d" is missing, and other entries have it. Either all have it, or, in an inspector ring, none.`,
  );
}

/** By `kid` where there is a well-formed one; a value that could be a misplaced secret is never repeated. */
function entryName(jwk: unknown, index: number): string {
  const kid = isObject(jwk) ? jwk['kid'] : undefined;
  return `Key ring entry ${typeof kid === 'string' && KID.test(kid) ? `"${kid}"` : 'without a valid "kid"'} (JWK ${index + 1})`;
}

function requireText(jwk: Record<string, unknown>, name: string, member: string, pattern: RegExp, expected: string): void {
  const value = jwk[member];
  if (typeof value !== 'string' || !pattern.test(value)) throw new RingError(`${name}: member "${member}" must be ${expected}.`);
}

function requireExactly(jwk: Record<string, unknown>, name: string, member: string, expected: string): void {
  if (jwk[member] !== expected) throw new RingError(`${name}: member "${member}" must be "${expected}".`);
}

function requireTime(jwk: Record<string, unknown>, name: string, member: string): number {
  const value = jwk[member];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LAST_SECOND) return value;
  throw new RingError(`${name}: member "${member}" must be a time in whole seconds since 1970.`);
}

function requireBytes(jwk: Record<string, unknown>, name: string, member: string, length: number): string {
  const value = jwk[member];
  if (value === undefined) throw new RingError(`${name}: member "${member}" is missing.`);
  const bytes = typeof value === 'string' ? decode(value) : undefined;
  if (bytes === undefined) throw new RingError(`${name}: member "${member}" must be base64url without padding.`);
  if (bytes.length !== length) throw new RingError(`${name}: member "${member}" has ${bytes.length} bytes; exactly ${length} are needed.`);
  return value as string;
}

function decode(text: string): Uint8Array | undefined {
  try {
    const bytes = fromBase64url(text);
    return toBase64url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
