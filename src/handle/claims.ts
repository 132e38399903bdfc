/** The claims: what their members are, and that there are no others. */

import * as z from 'zod';
import { toBase64url } from '#platform';
import { compiled } from '#schemas';

/** How far into the future `iat` may lie, for replicas whose clocks disagree. Seconds. */
export const CLOCK_SKEW = 60;

/** Longest life of a handle, from revision 1 to `exp`. Seconds (30 days). A retired key opens for this long. */
export const MAX_LIFETIME = 30 * 86_400;

/** How many rights an attenuated handle may name. */
export const MAX_RIGHTS = 64;

/** How a kind is written: the schema's name and version, e.g. `research@1`. */
export const KIND = /^[a-z][a-z0-9_-]{0,31}@[1-9][0-9]{0,5}$/;

/** Up to the year 9999. */
const seconds = z.int().min(0).max(253_402_300_799);

const schema = z
  .strictObject({
    jti: z.string().regex(/^[A-Za-z0-9_-]{16}$/),
    kind: z.string().regex(KIND),
    rev: z.int().min(1),
    iat: seconds,
    exp: seconds,
    prv: z
      .string()
      .regex(/^[A-Za-z0-9_-]{16}$/)
      .optional(),
    sub: z
      .string()
      .regex(/^[A-Za-z0-9_-]{21}[AQgw]$/)
      .optional(),
    // Without the flag u a pattern counts UTF-16 code units, as every JavaScript length does.
    aud: z
      .string()
      .regex(/^[\s\S]{1,256}$/)
      .optional(),
    // The length is looked at first: elements are checked one by one, however many there are.
    scp: z
      .array(z.unknown())
      .min(1)
      .max(MAX_RIGHTS)
      .pipe(z.array(z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/)))
      .optional(),
    st: z.custom((state) => state !== undefined),
  })
  .refine(({ rev, prv }) => (rev === 1) === (prv === undefined))
  .refine(({ iat, exp }) => iat < exp && exp - iat <= MAX_LIFETIME);

/** Half of what a call spends on schemas is spent here. */
const claims = compiled(schema);

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

/** Whether a value is a set of claims: every member of its type and size, none unknown. */
export function areClaims(value: unknown): value is Claims {
  return z.validate(claims, value);
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
