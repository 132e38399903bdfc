/** What is told of a handle: by its claims, or by what stands beside it. */
import * as z from 'zod';
import { type Claims, KIND, utc } from '../handle/index.ts';

/** What a handle says of itself: its claims where it was opened, otherwise what stood beside it. */
export interface Told {
  readonly id: string;
  readonly kind: string;
  readonly revision: number;
  readonly expiresAt: number;
  readonly issuedAt?: number;
  /** The fingerprint of the handle that it replaces. */
  readonly previous?: string;
  readonly rights?: readonly string[];
}

/** What an opened handle tells. */
export function toldBy({ jti, kind, rev, exp, iat, prv, scp }: Claims): Told {
  return {
    id: jti,
    kind,
    revision: rev,
    expiresAt: exp,
    issuedAt: iat,
    ...(prv !== undefined && { previous: prv }),
    ...(scp !== undefined && { rights: scp }),
  };
}

const handleInfo = z.object({
  id: z.string().regex(/^[A-Za-z0-9_-]{16}$/),
  kind: z.string().regex(KIND),
  revision: z.int().min(1),
  expires_at: z.iso.datetime(),
  rights: z
    .array(z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/))
    .max(64)
    .optional(),
});

/** What `x_info` tells, if it is spelled like one. */
export function toldBeside(info: unknown): Told | undefined {
  const { data } = handleInfo.safeParse(info);
  if (data === undefined) return undefined;
  const { id, kind, revision, expires_at, rights } = data;
  return { id, kind, revision, expiresAt: Math.floor(Date.parse(expires_at) / 1000), ...(rights && { rights }) };
}

/** Whether `x_info` says something of a handle that the handle itself does not. What it leaves out is no lie. */
export function contradicts(info: unknown, { id, kind, revision, expiresAt, rights }: Told): boolean {
  if (typeof info !== 'object' || info === null) return false;
  const truth = { id, kind, revision, expires_at: utc(expiresAt), rights };
  const said = info as Readonly<Record<string, unknown>>;
  return Object.entries(truth).some(([name, value]) => Object.hasOwn(said, name) && !isSame(said[name], value));
}

/** @param value a primitive, or a list of them */
function isSame(said: unknown, value: unknown): boolean {
  if (!Array.isArray(value)) return said === value;
  return Array.isArray(said) && said.length === value.length && value.every((item, at) => item === said[at]);
}
