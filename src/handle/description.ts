/**
 * Descriptions of handles. A program with a key makes the description from the claims. A program without a key reads
 * the description that the server wrote: for any name `x`, the member `x_info` describes the handle in the member `x`.
 */
import * as z from 'zod';
import { type Claims, KIND, MAX_RIGHTS } from './claims.ts';
import { utc } from './time.ts';

/** What logs, clients and audits may know about a handle. */
export interface HandleDescription {
  /** The task's id. */
  readonly id: string;
  /** The kind of the state, `name@version`: the name and the version of its schema. */
  readonly kind: string;
  /** The revision. The first handle of a task has revision 1, and each successor adds 1. */
  readonly revision: number;
  /** When the handle expires. Seconds since 1970. */
  readonly expiresAt: number;
  /** The rights of the holder. Absent: every right. */
  readonly rights?: readonly string[];
  /** When this revision was issued. Seconds since 1970. Absent if the description comes from `x_info`. */
  readonly issuedAt?: number;
  /** The fingerprint of the previous handle. Absent in revision 1, and if the description comes from `x_info`. */
  readonly previous?: string;
}

/** The description in JSON. It is the member `x_info` beside a handle in the member `x`, for any name `x`. */
export interface HandleInfo {
  readonly id: string;
  readonly kind: string;
  readonly revision: number;
  /** When the handle expires, in ISO 8601, UTC. */
  readonly expires_at: string;
  /** The rights of the holder. Absent: every right. */
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
 * Makes the description of a handle from its claims.
 *
 * @param claims authentic claims, from a handle that was opened or issued
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
 * Writes the description that stands beside a handle in an answer.
 *
 * @returns the value of the member `x_info`, with the expiry in ISO 8601, UTC
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
 * Reads the description beside a handle. Do not trust it: it is not signed, and may be false.
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
