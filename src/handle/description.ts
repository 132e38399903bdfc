/**
 * Makes and reads descriptions of handles. A program that can open a handle takes the description from the claims. Any
 * other program reads the description that the server wrote next to the handle: a handle in the JSON member `x` has its
 * description in the member `x_info`.
 */
import * as z from 'zod';
import { type Claims, KIND, MAX_RIGHTS } from './claims.ts';
import { utc } from './time.ts';

/** The facts about a handle that logs, clients and audits may know. */
export interface HandleDescription {
  /** The task's id. */
  readonly id: string;
  /** The kind of the state: the name and the version of its schema, as `name@version`. */
  readonly kind: string;
  /** The revision: 1 in the first handle of a task, and one more in each successor. */
  readonly revision: number;
  /** When the handle stops opening. Seconds since 1970. */
  readonly expiresAt: number;
  /** The rights that the holder still has. Absent: every right. */
  readonly rights?: readonly string[];
  /** When this revision was issued. Seconds since 1970. Absent: the description was read from `x_info`, which lacks this time. */
  readonly issuedAt?: number;
  /** The fingerprint of the handle that this handle replaces. Absent: this is revision 1, or the description was read from `x_info`. */
  readonly previous?: string;
}

/** The JSON of a description: the value of the member `x_info`, next to a handle in the member `x`. */
export interface HandleInfo {
  readonly id: string;
  readonly kind: string;
  readonly revision: number;
  /** When the handle stops opening, in ISO 8601, UTC. */
  readonly expires_at: string;
  /** The rights that the holder still has. Absent: every right. */
  readonly rights?: readonly string[];
}

const schema = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{16}$/),
  kind: z.string().regex(KIND),
  revision: z.int().min(1),
  expires_at: z.iso.datetime({ offset: true }),
  rights: z
    .array(z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/))
    .max(MAX_RIGHTS)
    .optional(),
});

/**
 * Makes the description of a handle from the handle's claims.
 *
 * @param claims authentic claims, from a handle that was opened or was just issued
 *
 * @example
 * ```ts
 * import { descriptionOf, type IssuedHandle } from 'waxseal/handle';
 *
 * const lineFor = (issued: IssuedHandle) => {
 *   const { id, revision } = descriptionOf(issued.claims);
 *   return `task ${id}, revision ${revision}`;
 * };
 * ```
 */
export function descriptionOf({ jti, kind, rev, iat, exp, prv, scp }: Claims): HandleDescription {
  return {
    id: jti,
    kind,
    revision: rev,
    expiresAt: exp,
    ...(scp !== undefined && { rights: scp }),
    issuedAt: iat,
    ...(prv !== undefined && { previous: prv }),
  };
}

/**
 * Writes the description that an answer carries next to a handle.
 *
 * @returns JSON for the member `x_info`, with the expiry in ISO 8601, UTC
 *
 * @example
 * ```ts
 * import { descriptionOf, type IssuedHandle, writeHandleInfo } from 'waxseal/handle';
 *
 * const answerWith = ({ handle, claims }: IssuedHandle) => ({ handle, handle_info: writeHandleInfo(descriptionOf(claims)) });
 * ```
 */
export function writeHandleInfo({ id, kind, revision, expiresAt, rights }: HandleDescription): HandleInfo {
  return { id, kind, revision, expires_at: utc(expiresAt), ...(rights !== undefined && { rights }) };
}

/**
 * Reads the description next to a handle. Do not trust it: nobody has signed the description, so it may be false.
 *
 * @param info the value of the member `x_info`
 * @returns the description; undefined if the value is not a {@link HandleInfo}
 *
 * @example
 * ```ts
 * import { readHandleInfo, utc } from 'waxseal/handle';
 *
 * const info = readHandleInfo({ id: 'A7hUq0wzL3nT9cXf', kind: 'research@1', revision: 2, expires_at: '2026-07-29T12:00:00Z' });
 * console.log(info === undefined ? 'no description' : `expires at ${utc(info.expiresAt)}`);
 * ```
 */
export function readHandleInfo(info: unknown): HandleDescription | undefined {
  const { data } = schema.safeParse(info);
  if (data === undefined) return undefined;
  const { id, kind, revision, expires_at, rights } = data;
  return { id, kind, revision, expiresAt: Math.floor(Date.parse(expires_at) / 1000), ...(rights !== undefined && { rights }) };
}
