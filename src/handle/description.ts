/**
 * Descriptions of a handle. Whoever can open a handle takes its description from the claims. Everyone else reads it from
 * the member `x_info`, which stands beside a handle named `x`.
 */
import * as z from 'zod';
import { type Claims, KIND, MAX_RIGHTS } from './claims.ts';
import { utc } from './time.ts';

/** What a log, a client or an audit may know about a handle. */
export interface HandleDescription {
  /** The task's id. */
  readonly id: string;
  /** `name@version` of the state's schema. */
  readonly kind: string;
  /** 1 for a new task, one more for each handle issued after it. */
  readonly revision: number;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** The rights that the holder still has. Absent: every right. */
  readonly rights?: readonly string[];
  /** Seconds since 1970. Absent: the description was read from `x_info`, which does not have it. */
  readonly issuedAt?: number;
  /** The fingerprint of the handle that this one replaces. Absent: this is revision 1, or the description was read from `x_info`. */
  readonly previous?: string;
}

/** The JSON of a description, as it stands in the member `x_info` beside a handle named `x`. */
export interface HandleInfo {
  readonly id: string;
  readonly kind: string;
  readonly revision: number;
  /** ISO 8601, UTC. */
  readonly expires_at: string;
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
 * Describes a handle by its claims.
 *
 * @param claims authentic claims: of a handle that was opened, or that was just issued
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
 * Writes the description that stands beside a handle.
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
 * Reads the description that stands beside a handle. Nothing proves such a description: whoever wrote it may have lied.
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
