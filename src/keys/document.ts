/**
 * Reads and checks key rings. A ring is a JWK Set (RFC 7517 §5). Two JWKs with one `kid` are one entry: a secret that
 * encrypts, and a key that signs.
 */
import { fromBase64url } from '#platform';
import { decodeCanonical } from '../handle/format.ts';
import { KID } from '../handle/index.ts';
import { RingError } from './errors.ts';
import { isWeakPoint } from './points.ts';
import { type Revocations, type RevocationsDocument, readRevocations } from './revocations.ts';

/**
 * What both JWKs of an entry must have in common, except for the details inside `revoked`. Times: seconds since 1970.
 */
interface Validity {
  readonly kid: string;
  /** When the pair was generated. */
  readonly iat: number;
  /** When the pair may start minting. */
  readonly nbf: number;
  /** When the pair must stop minting. */
  readonly exp: number;
  /** Present if the pair is revoked (OpenID Federation 1.0 §8.7.2). A revoked pair opens no handle. */
  readonly revoked?: { readonly revoked_at: number; readonly reason?: string };
}

/** The encrypting JWK of an entry: an AES-256-GCM secret (RFC 7518 §6.4). */
export interface SecretJwk extends Validity {
  readonly kty: 'oct';
  readonly use: 'enc';
  readonly alg: 'A256GCM';
  readonly k: string;
}

/** The signing JWK of an entry: an Ed25519 key pair (RFC 8037 §2). An inspector ring omits the private key `d`. */
export interface SigningJwk extends Validity {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly use: 'sig';
  readonly alg: 'Ed25519';
  readonly x: string;
  readonly d?: string;
}

/** The two JWKs of one entry. */
export interface JwkPair {
  readonly secret: SecretJwk;
  readonly signing: SigningJwk;
}

/** A ring in JSON: a JWK Set with two JWKs for each entry, and two members that RFC 7517 does not define. */
export interface RingDocument {
  readonly keys: readonly (SecretJwk | SigningJwk)[];
  /** Present if a server generated the ring for itself on its first start. */
  readonly development?: true;
  /** The revoked tasks and callers. Absent: none. */
  readonly revocations?: RevocationsDocument;
}

/** What a ring's document contains, after all checks. */
export interface RingContents {
  readonly pairs: JwkPair[];
  /** Whether a server generated this ring for itself on its first start. */
  readonly development: boolean;
  readonly revocations: Revocations;
}

/** The maximum number of entries in a ring. A hundred last for years of rotation, so a longer ring is a mistake. */
export const MAX_ENTRIES = 100;

/** The latest time in a ring: the end of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;

/** Matches a path that stands in place of a ring's text. */
const PATH = /^[^{}"]{1,256}\.(?:jwks|json)$/;

/** Matches a reference to a secret in the spellings of shells, templates and secret managers. */
const REFERENCE = /^(?:\$[A-Za-z_{(]|\{\{|@Microsoft\.KeyVault\(|op:\/\/|arn:|projects\/[^/]+\/secrets\/)/;

/** Advises to find the right ring, which somebody has, and not to generate a new ring. */
const HOW = 'Give the whole ring, exactly as it was written. A new ring would not open any existing handle.';

/**
 * Reads and checks a ring. It does not import the keys; {@link parseRing} does.
 *
 * @param text a JWK Set in JSON. A byte order mark at its start is ignored.
 * @throws {RingError} `invalid_ring`: the message names the wrong entry and member. It contains no value, because a
 *   value may be secret.
 *
 * @example
 * ```ts
 * import { parseDocument } from 'waxseal/keys';
 *
 * const kidsIn = (ringText: string) => parseDocument(ringText).pairs.map(({ secret }) => secret.kid);
 * ```
 */
export function parseDocument(text: string): RingContents {
  if (typeof text !== 'string') throw new RingError(`The text of a key ring is missing. Is the variable set? ${HOW}`);
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
    // The message of JSON.parse would quote the text, which is secret.
    const path = PATH.test(text.trim()) ? ' This looks like the path of a file; a path belongs in WAXSEAL_KEYS_FILE.' : '';
    const reference = REFERENCE.test(text.trim())
      ? ' This looks like a reference to a secret: give the text of the ring in place of the reference.'
      : '';
    const empty = text.trim() === '' ? ': it is empty' : '';
    throw new RingError(`The key ring is not JSON${empty}.${path}${reference} Expected a JWK Set: {"keys": [...]}. ${HOW}`);
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
      throw new RingError(`${name}: an "oct" secret must not have the member "d"; a private key belongs in the "OKP" JWK.`);
    requireExactly(jwk, name, 'use', 'enc');
    requireExactly(jwk, name, 'alg', 'A256GCM');
    return { kty: 'oct', use: 'enc', alg: 'A256GCM', ...validity, k: requireBytes(jwk, name, 'k', 32) };
  }
  requireExactly(jwk, name, 'use', 'sig');
  requireExactly(jwk, name, 'crv', 'Ed25519');
  requireExactly(jwk, name, 'alg', 'Ed25519');
  const x = requireBytes(jwk, name, 'x', 32);
  if (isWeakPoint(fromBase64url(x))) {
    throw new RingError(
      `${name}: member "x" is not a trustworthy public key: its encoding is not canonical, or its point has small order.`,
    );
  }
  const d = jwk['d'] === undefined ? {} : { d: requireBytes(jwk, name, 'd', 32) };
  return { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', ...validity, x, ...d };
}

function readValidity(jwk: Record<string, unknown>, name: string): Validity {
  const [iat, nbf, exp] = ['iat', 'nbf', 'exp'].map((member) => requireTime(jwk, name, member)) as [number, number, number];
  if (!(nbf < exp)) throw new RingError(`${name}: member "exp" must be later than "nbf".`);
  return { kid: jwk['kid'] as string, iat, nbf, exp, ...readRevocation(jwk, name) };
}

/**
 * Refuses misspelt revocations. Other unknown members are ignored (RFC 7517 §4). But if a misspelt revocation were
 * ignored, the revoked key, task or caller would stay valid.
 */
function refuseMisspeltRevocations(text: string, document: Record<string, unknown>, keys: readonly unknown[]): void {
  const misspelt = (members: object, known: string) => Object.keys(members).find((name) => /^revo/i.test(name) && name !== known);
  const found = misspelt(document, 'revocations') ?? keys.flatMap((jwk) => (isObject(jwk) ? (misspelt(jwk, 'revoked') ?? []) : []))[0];
  if (found !== undefined) {
    throw new RingError(
      `The key ring has a member ${JSON.stringify(found.slice(0, 40))}, which has no meaning. A revoked key has the member "revoked"; the ring's member "revocations" lists revoked tasks and callers.`,
    );
  }
  // JSON.parse keeps only the last of two equal members, but the first could hold the revocation.
  for (const name of ['revocations', 'tasks', 'subjects']) {
    if (text.split(`"${name}"`).length > 2) throw new RingError(`The key ring has the member "${name}" more than once.`);
  }
}

/** If the member `revoked` cannot be read, the whole ring is refused: otherwise the key would stay valid. */
function readRevocation(jwk: Record<string, unknown>, name: string): Pick<Validity, 'revoked'> {
  const revoked = jwk['revoked'];
  if (revoked === undefined) return {};
  if (!isObject(revoked)) throw new RingError(`${name}: member "revoked" must be an object with "revoked_at".`);
  const reason = typeof revoked['reason'] === 'string' ? { reason: revoked['reason'] } : {};
  return { revoked: { revoked_at: requireTime(revoked, `${name}, "revoked"`, 'revoked_at'), ...reason } };
}

function pairUp(jwks: readonly (SecretJwk | SigningJwk)[]): JwkPair[] {
  // "waxseal keys export --public" writes such a set for programs that check signatures.
  const arePublic = jwks.every((jwk) => jwk.kty === 'OKP' && jwk.d === undefined);
  const hint = arePublic ? ' These are public keys only, which open no handle. Give the whole ring, or an inspector ring.' : ` ${HOW}`;
  return [...new Set(jwks.map((jwk) => jwk.kid))].map((kid) => {
    const secrets = jwks.filter((jwk) => jwk.kid === kid && jwk.kty === 'oct') as SecretJwk[];
    const signings = jwks.filter((jwk) => jwk.kid === kid && jwk.kty === 'OKP') as SigningJwk[];
    const name = `Key ring entry "${kid}"`;
    if (secrets.length > 1 || signings.length > 1) throw new RingError(`${name}: duplicate "kid"; every pair of JWKs needs its own "kid".`);
    const [secret, signing] = [secrets[0], signings[0]];
    if (secret === undefined) throw new RingError(`${name} is incomplete: its "oct" JWK (the secret, member "k") is missing.${hint}`);
    if (signing === undefined) throw new RingError(`${name} is incomplete: its "OKP" JWK (the signing key, member "x") is missing.${hint}`);
    for (const member of ['iat', 'nbf', 'exp'] as const) {
      if (secret[member] !== signing[member]) throw new RingError(`${name}: member "${member}" differs between its two JWKs.`);
    }
    if ((secret.revoked === undefined) !== (signing.revoked === undefined)) {
      throw new RingError(`${name}: only one of its two JWKs has the member "revoked".`);
    }
    return { secret, signing };
  });
}

/**
 * Refuses equal keys. If two entries shared a secret, the secret would seal twice as many handles as it may. If a
 * secret were also a private key, inspectors could mint, because they have the secrets. If a secret were also a public
 * key, everybody could know the secret.
 */
function requireDifferentKeys(pairs: readonly JwkPair[]): void {
  const seen = new Map<string, string>();
  for (const { secret, signing } of pairs) {
    for (const [member, value] of Object.entries({ k: secret.k, x: signing.x, d: signing.d })) {
      if (value === undefined) continue;
      const name = `member "${member}" of entry "${secret.kid}"`;
      const other = seen.get(value);
      if (other !== undefined)
        throw new RingError(`In the key ring, ${other} and ${name} have the same 32 bytes; every key needs different bytes.`);
      seen.set(value, name);
    }
  }
}

/**
 * Refuses a ring in which only some entries have the private key `d`. Replicas (with `d`) and inspectors (without `d`)
 * open handles by different procedures, and such a ring would not tell which procedure applies.
 */
function requireOneProcedure(pairs: readonly JwkPair[]): void {
  const without = pairs.find(({ signing }) => signing.d === undefined);
  if (without === undefined || pairs.every(({ signing }) => signing.d === undefined)) return;
  throw new RingError(
    `Key ring entry "${without.secret.kid}": member "d" is missing, but other entries have it. In a full ring every entry has "d"; in an inspector ring no entry has "d".`,
  );
}

/** Names an entry in errors. A malformed `kid` is not shown, because it may be a misplaced secret. */
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
  const bytes = typeof value === 'string' ? decodeCanonical(value) : undefined;
  if (bytes === undefined) throw new RingError(`${name}: member "${member}" must be base64url without padding.`);
  if (bytes.length !== length) throw new RingError(`${name}: member "${member}" has ${bytes.length} bytes; exactly ${length} are needed.`);
  return value as string;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
