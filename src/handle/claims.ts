/** The claims of a handle, and the check that a value has these claims and no others. */
import { toBase64url } from '#platform';

/** The number of seconds by which `iat` may lie in the future, because the clocks of replicas disagree. */
export const CLOCK_SKEW = 60;

/**
 * The longest life of a handle, from `iat` to `exp`, in seconds: 30 days. A retired key opens handles for this long.
 */
export const MAX_LIFETIME = 30 * 86_400;

/** The maximum number of rights in the claim `scp`. */
export const MAX_RIGHTS = 64;

/** The spelling of a kind, `name@version`, for example `research@1`. */
export const KIND = /^[a-z][a-z0-9_-]{0,31}@[1-9][0-9]{0,5}$/;

/**
 * The claims in a handle. RFC 7519 §4.1 registers `jti`, `iat`, `exp`, `sub` and `aud`. The handle format defines the
 * rest.
 */
export interface Claims {
  /** The task's id: 96 random bits. Every revision of the task has the same id. */
  readonly jti: string;
  /** The kind of the state, `name@version`: the name and the version of its schema. */
  readonly kind: string;
  /** The revision. The first handle of a task has revision 1, and each successor adds 1. */
  readonly rev: number;
  /** When this revision was issued. Seconds since 1970. */
  readonly iat: number;
  /**
   * When the handle expires. Seconds since 1970. A successor keeps this `exp`. Only attenuation may set an earlier
   * `exp`.
   */
  readonly exp: number;
  /** The {@link fingerprint} of the previous handle. Absent in revision 1. */
  readonly prv?: string;
  /**
   * The caller who may use the handle: a value that {@link subjectClaim} returns. If absent, this is a bearer handle:
   * whoever holds it may use it, without authentication.
   */
  readonly sub?: string;
  /**
   * The name of the deployment that accepts the handle. If absent, deployments that have the key and no configured name
   * accept the handle.
   */
  readonly aud?: string;
  /** The rights of the holder. Absent: every right. */
  readonly scp?: readonly string[];
  /** The task state: any JSON value. */
  readonly st: unknown;
}

/** The end of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;

/** The spelling of a task's id and of a fingerprint: 96 bits in base64url. */
const SHORT_ID = /^[A-Za-z0-9_-]{16}$/;

/**
 * The spelling of `sub`: 128 bits in base64url. The last character carries two bits, so it has four possible values.
 */
const SUBJECT = /^[A-Za-z0-9_-]{21}[AQgw]$/;

const MEMBERS: ReadonlySet<string> = new Set(['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp', 'st']);

const RIGHT = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Tells whether a value is a set of claims: each member is known, and has the right type and size.
 *
 * The checks are written by hand, without a schema library. They are fast, and they keep `waxseal/handle` small. A test
 * compares them with a schema.
 */
export function areClaims(value: unknown): value is Claims {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { jti, kind, rev, iat, exp, prv, sub, aud, scp, st } = value as Readonly<Record<string, unknown>>;
  return (
    fits(jti, SHORT_ID) &&
    fits(kind, KIND) &&
    isWhole(rev, 1, Number.MAX_SAFE_INTEGER) &&
    (rev === 1 ? prv === undefined : fits(prv, SHORT_ID)) &&
    isWhole(iat, 0, LAST_SECOND) &&
    isWhole(exp, 0, LAST_SECOND) &&
    iat < exp &&
    exp - iat <= MAX_LIFETIME &&
    (sub === undefined || fits(sub, SUBJECT)) &&
    (aud === undefined || isAudience(aud)) &&
    (scp === undefined || areRights(scp)) &&
    st !== undefined &&
    Object.keys(value).every((name) => MEMBERS.has(name))
  );
}

function fits(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Tells whether a value can be `aud`. Its length is counted in UTF-16 code units, like every `length` in JavaScript. */
function isAudience(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256;
}

/** The length is checked first, so that a very long list is refused at once. */
function areRights(value: unknown): boolean {
  return Array.isArray(value) && value.length >= 1 && value.length <= MAX_RIGHTS && value.every((right) => fits(right, RIGHT));
}

/**
 * Reads claims from JSON text. The text must be exactly what `JSON.stringify` writes, so that every parser reads the
 * same claims. Other JSON text may repeat a member: some parsers keep the first value, others the last.
 *
 * @returns the claims; undefined if the text nests deeper than {@link MAX_DEPTH}, holds no claims, or is not
 *   exactly what `JSON.stringify` writes
 * @throws {SyntaxError} if the text is not JSON
 */
export function parseClaims(text: string): Claims | undefined {
  if (excessiveDepth(text) !== undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return areClaims(value) && JSON.stringify(value) === text ? value : undefined;
}

/**
 * The maximum depth of arrays and objects in claims. The claims object itself is level 1. The limit is fixed, because
 * stacks overflow at different depths on different machines.
 */
export const MAX_DEPTH = 128;

/**
 * Returns the depth of JSON text that nests deeper than {@link MAX_DEPTH}; undefined for other text.
 *
 * @param text JSON; this is not checked
 */
export function excessiveDepth(text: string): number | undefined {
  // Text with at most MAX_DEPTH opening brackets cannot nest deeper, and counting brackets is cheap.
  if (!hasMoreBrackets(text, MAX_DEPTH)) return undefined;
  const depth = depthOf(text);
  return depth > MAX_DEPTH ? depth : undefined;
}

function hasMoreBrackets(text: string, most: number): boolean {
  let found = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1 && found <= most; at = text.indexOf(bracket, at + 1)) found += 1;
  }
  return found > most;
}

function depthOf(text: string): number {
  let [depth, deepest, inString] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}

/** Makes a task id: 96 random bits, in 16 characters of base64url. */
export function newId(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(12)));
}
