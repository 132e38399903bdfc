/** The claims: what their members are, and that there are no others. */
import { toBase64url } from '#platform';

/** How far into the future `iat` may lie, for replicas whose clocks disagree. Seconds. */
export const CLOCK_SKEW = 60;

/** Longest life of a handle, from revision 1 to `exp`. Seconds (30 days). A retired key opens for this long. */
export const MAX_LIFETIME = 30 * 86_400;

/** How many rights an attenuated handle may name. */
export const MAX_RIGHTS = 64;

/** How a kind is written: the schema's name and version, e.g. `research@1`. */
export const KIND = /^[a-z][a-z0-9_-]{0,31}@[1-9][0-9]{0,5}$/;

/** What a handle says (RFC 7519 claims, and ours). */
export interface Claims {
  /** The task's id: 96 random bits, the same in every revision. */
  readonly jti: string;
  /** `name@version` of the state's schema. */
  readonly kind: string;
  /** 1, then one more with each re-issue. */
  readonly rev: number;
  /** When this revision was issued. Seconds since 1970. */
  readonly iat: number;
  /** When the task's handles stop opening; the same in every revision. Seconds since 1970. */
  readonly exp: number;
  /** From revision 2: the fingerprint of the handle that this one replaces. */
  readonly prv?: string;
  /** The caller it opens for, as {@link subjectClaim} writes it. Absent: whoever holds it. */
  readonly sub?: string;
  /** The deployment it opens in. Absent: any that has the key. */
  readonly aud?: string;
  /** What its holder may still do. Absent: everything. */
  readonly scp?: readonly string[];
  /** The task state: any JSON value. */
  readonly st: unknown;
}

/** Up to the year 9999. */
const LAST_SECOND = 253_402_300_799;

/** 96 bits in base64url. */
const SHORT_ID = /^[A-Za-z0-9_-]{16}$/;

/** 128 bits in base64url, of which the last character has four bits that are zero. */
const SUBJECT = /^[A-Za-z0-9_-]{21}[AQgw]$/;

const MEMBERS: ReadonlySet<string> = new Set(['jti', 'kind', 'rev', 'iat', 'exp', 'prv', 'sub', 'aud', 'scp', 'st']);

const RIGHT = /^[A-Za-z0-9_.-]{1,128}$/;

/**
 * Whether a value is a set of claims: every member of its type and size, none unknown. By hand, since every call pays for
 * it, and a door that needs no schema library should carry none; a test holds it to a schema's answers.
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

/** In UTF-16 code units, as every JavaScript length is. */
function isAudience(value: unknown): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= 256;
}

/** The length is looked at first: elements are checked one by one, however many there are. */
function areRights(value: unknown): boolean {
  return Array.isArray(value) && value.length >= 1 && value.length <= MAX_RIGHTS && value.every((right) => fits(right, RIGHT));
}

/**
 * Reads claims from the payload's text.
 * Only the text that `JSON.stringify` would write is read: so a payload has one reading in every
 * parser, and duplicate members (of which parsers keep the first, or the last) cannot hide in it.
 *
 * @returns undefined for other JSON
 * @throws {SyntaxError} for what is not JSON
 */
export function parseClaims(text: string): Claims | undefined {
  if (excessiveDepth(text) !== undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return areClaims(value) && JSON.stringify(value) === text ? value : undefined;
}

/** How deep arrays and objects may nest in claims, the claims themselves included. How deep a stack goes differs from machine to machine. */
export const MAX_DEPTH = 128;

/** How deep JSON text nests, where that is deeper than {@link MAX_DEPTH}; otherwise undefined. Of text that is not JSON it says nothing. */
export function excessiveDepth(text: string): number | undefined {
  // With so few brackets it nests no deeper, and need not be read character by character.
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

/** A new task's id: 96 random bits, in 16 characters. */
export function newId(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(12)));
}
