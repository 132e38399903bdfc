/** What is told of a handle: by its claims to whoever can open it, and to everyone by the member `x_info` beside a member `x`. */
import * as z from 'zod';
import { type Claims, KIND, MAX_RIGHTS } from './claims.ts';
import { utc } from './time.ts';

export interface HandleDescription {
  /** The task's id. */
  readonly id: string;
  /** `name@version` of the state's schema. */
  readonly kind: string;
  readonly revision: number;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** What its holder may still do. Absent: everything. */
  readonly rights?: readonly string[];
  /** Seconds since 1970. Claims alone tell this, and `previous`. */
  readonly issuedAt?: number;
  /** The fingerprint of the handle that it replaces. Absent: it began the task, or nothing tells. */
  readonly previous?: string;
}

/** A description as JSON has it beside a handle. */
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

/** What a handle's claims tell of it. */
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

/** Writes what is to stand beside a handle. */
export function writeHandleInfo({ id, kind, revision, expiresAt, rights }: HandleDescription): HandleInfo {
  return { id, kind, revision, expires_at: utc(expiresAt), ...(rights !== undefined && { rights }) };
}

/** Reads what stands beside a handle; undefined where it is not spelled as {@link HandleInfo}. Hearsay: whoever writes it may lie. */
export function readHandleInfo(info: unknown): HandleDescription | undefined {
  const { data } = schema.safeParse(info);
  if (data === undefined) return undefined;
  const { id, kind, revision, expires_at, rights } = data;
  return { id, kind, revision, expiresAt: Math.floor(Date.parse(expires_at) / 1000), ...(rights !== undefined && { rights }) };
}
