/** The claims of a handle: which members they have, and the rule that no other member is allowed. */
import { toBase64url } from '#platform';

/** How far `iat` may lie in the future, because the clocks of replicas disagree. Seconds. */
export const CLOCK_SKEW = 60;

/** The longest life of a handle, from revision 1 to `exp`. Seconds (30 days). A retired key opens handles for this long. */
export const MAX_LIFETIME = 30 * 86_400;

/** The most rights that the `scp` claim of an attenuated handle may name. */
export const MAX_RIGHTS = 64;

/** The spelling of a kind: the name and the version of its state schema, e.g. `research@1`. */
export const KIND = /^[a-z][a-z0-9_-]{0,31}@[1-9][0-9]{0,5}$/;

/** The claims in a handle: some of the registered claims of RFC 7519 §4.1, and claims of the handle format. */
export interface Claims {
  /** The task's id: 96 random bits, the same in every revision. */
  readonly jti: string;
  /** `name@version` of the state's schema. */
  readonly kind: string;
  /** The revision: 1 for a new task, one more for each handle issued after it. */
  readonly rev: number;
  /** When this revision was issued. Seconds since 1970. */
  readonly iat: number;
  /** When the handle stops opening. Seconds since 1970. A successor has the same `exp`; if it is attenuated, it may have an earlier one. */
  readonly exp: number;
  /** From revision 2: the {@link fingerprint} of the handle that this one replaces. */
  readonly prv?: string;
  /** The caller whom the handle opens for, as {@link subjectClaim} writes it. Absent: it opens for anyone who holds it. */
  readonly sub?: string;
  /** The deployment in which the handle opens. Absent: it opens in every deployment that has the key and names no audience. */
  readonly aud?: string;
  /** The rights that the holder still has. Absent: every right. */
  readonly scp?: readonly string[];
  /** The task state: any JSON value. */
  readonly st: unknown;
}

/** The end of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;

/** 96 bits in base64url. */
const SHORT_ID = /^[A-Za-z0-9_-]{16}$/;

/** 128 bits in base64url. The last character carries only two bits, so only four characters can stand there. */
const SUBJECT = /^[A-Za-z0-9_-]{21}[AQgw]$/;

const MEMBERS: ReadonlySet<string> = new Set(['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp', 'st']);

const RIGHT = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Tells whether a value is a set of claims: every member has its type and size, and no member is unknown.
 *
 * The function uses no schema library, for two reasons: every call pays for this check, and an entry point of the package
 * that needs no schemas should not load such a library. A test compares the function's answers with those of a schema.
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

/** The length is counted in UTF-16 code units, like every `length` in JavaScript. */
function isAudience(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256;
}

/** The length is checked before the elements, so that a very long list costs nothing. */
function areRights(value: unknown): boolean {
  return Array.isArray(value) && value.length >= 1 && value.length <= MAX_RIGHTS && value.every((right) => fits(right, RIGHT));
}

/**
 * Reads claims from the text of a payload.
 * The text must be exactly what `JSON.stringify` would write. Then every parser reads the same claims, and no
 * duplicate member can hide in the text: some parsers keep the first of two, others keep the last.
 *
 * @returns the claims; undefined if the text is JSON but not claims, or is written in another way
 * @throws {SyntaxError} if the text is not JSON
 */
export function parseClaims(text: string): Claims | undefined {
  if (excessiveDepth(text) !== undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return areClaims(value) && JSON.stringify(value) === text ? value : undefined;
}

/**
 * How deep arrays and objects may nest in claims. The claims object itself is level 1.
 * The limit is fixed because the depth at which a stack overflows differs from machine to machine.
 */
export const MAX_DEPTH = 128;

/**
 * The depth of JSON text that nests deeper than {@link MAX_DEPTH}; undefined for any other JSON text.
 *
 * @param text must be JSON, because this function does not check that
 */
export function excessiveDepth(text: string): number | undefined {
  // Counting brackets is cheap. Text with at most MAX_DEPTH of them cannot nest deeper, and need not be read in full.
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

/** A new task id: 96 random bits, in 16 characters of base64url. */
export function newId(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(12)));
}
