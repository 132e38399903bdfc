/** Defines the claims of a handle, and checks that a value has these claims and no other member. */
import { toBase64url } from '#platform';

/** The number of seconds by which `iat` may lie in the future, because the clocks of replicas disagree. */
export const CLOCK_SKEW = 60;

/**
 * The longest life of a handle, from its `iat` to its `exp`, in seconds: 30 days. A key still opens handles for this long
 * after its retirement.
 */
export const MAX_LIFETIME = 30 * 86_400;

/** The largest number of rights that the `scp` claim of an attenuated handle may name. */
export const MAX_RIGHTS = 64;

/** The spelling of a kind: the name and the version of its state schema, e.g. `research@1`. */
export const KIND = /^[a-z][a-z0-9_-]{0,31}@[1-9][0-9]{0,5}$/;

/**
 * The claims in a handle. RFC 7519 §4.1 registers `jti`, `iat`, `exp`, `sub` and `aud`; the handle format defines the
 * other claims.
 */
export interface Claims {
  /** The task's id: 96 random bits. Every revision of the task has the same id. */
  readonly jti: string;
  /** The kind of the state: the name and the version of its schema, as `name@version`. */
  readonly kind: string;
  /** The revision: 1 in the first handle of a task, and one more in each successor. */
  readonly rev: number;
  /** When this revision was issued. Seconds since 1970. */
  readonly iat: number;
  /**
   * When the handle stops opening. Seconds since 1970. A successor has the `exp` of its predecessor. Only an attenuated
   * successor may have an earlier `exp`.
   */
  readonly exp: number;
  /** The {@link fingerprint} of the handle that this handle replaces. Absent in revision 1. */
  readonly prv?: string;
  /**
   * The caller for whom the handle opens: a value that {@link subjectClaim} returns. Absent: a bearer handle, which opens
   * for every holder who passes it without authentication.
   */
  readonly sub?: string;
  /**
   * The name of the deployment in which the handle opens. Absent: the handle opens in every deployment that has the key and
   * is configured without a name.
   */
  readonly aud?: string;
  /** The rights that the holder still has. Absent: every right. */
  readonly scp?: readonly string[];
  /** The task state: any JSON value. */
  readonly st: unknown;
}

/** The end of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;

/** The spelling of a task's id and of a fingerprint: 96 bits in base64url. */
const SHORT_ID = /^[A-Za-z0-9_-]{16}$/;

/**
 * The spelling of the claim `sub`: 128 bits in base64url. The last character carries only two bits, so only four different
 * characters are possible there.
 */
const SUBJECT = /^[A-Za-z0-9_-]{21}[AQgw]$/;

const MEMBERS: ReadonlySet<string> = new Set(['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp', 'st']);

const RIGHT = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Tells whether a value is a set of claims: every member has the right type and size, and no member is unknown.
 *
 * The function uses no schema library, for two reasons: every call of a tool waits for this check, and an entry point of
 * the package that needs no schemas should not load a schema library. A test compares the function's answers with the
 * answers of a schema.
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

/** Counts the length in UTF-16 code units, like every `length` in JavaScript. */
function isAudience(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256;
}

/** Checks the length before the elements, so that a very long list is refused at once. */
function areRights(value: unknown): boolean {
  return Array.isArray(value) && value.length >= 1 && value.length <= MAX_RIGHTS && value.every((right) => fits(right, RIGHT));
}

/**
 * Reads claims from the text of a payload. The text must be exactly what `JSON.stringify` would write, so that every
 * parser reads the same claims. In any other JSON text a member could occur twice: some parsers would keep its first
 * value, and other parsers its last value.
 *
 * @returns the claims; undefined if the JSON nests deeper than {@link MAX_DEPTH}, is not a set of claims, or differs from
 *   what `JSON.stringify` would write
 * @throws {SyntaxError} if the text is not JSON
 */
export function parseClaims(text: string): Claims | undefined {
  if (excessiveDepth(text) !== undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return areClaims(value) && JSON.stringify(value) === text ? value : undefined;
}

/**
 * The largest number of levels to which arrays and objects may nest in claims. The claims object itself is level 1.
 * The limit is fixed because the depth at which a stack overflows differs from machine to machine.
 */
export const MAX_DEPTH = 128;

/**
 * Returns the depth of JSON text that nests deeper than {@link MAX_DEPTH}, and undefined for any other JSON text.
 *
 * @param text JSON text; the function does not check that it is JSON
 */
export function excessiveDepth(text: string): number | undefined {
  // Text with at most MAX_DEPTH opening brackets cannot nest deeper. Counting brackets is cheaper than measuring the depth.
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

/** Makes a new task id: 96 random bits, in 16 characters of base64url. */
export function newId(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(12)));
}
