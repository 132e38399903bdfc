/**
 * Revocations of tasks and callers. The key ring's document lists them, so that every replica gets them with the keys.
 * A revocation ends when every handle of the task or caller has expired. Times are in seconds since 1970.
 */
import { CLOCK_SKEW, type Claims, MAX_LIFETIME } from '../handle/index.ts';
import { RingError } from './errors.ts';

/** The maximum number of revocations in a ring, tasks and callers together. */
export const MAX_REVOCATIONS = 10_000;

/** The spellings of a task's `jti` and of a caller's `sub`. */
const NAMED = { jti: /^[A-Za-z0-9_-]{16}$/, sub: /^[A-Za-z0-9_-]{21}[AQgw]$/ } as const;

/** The end of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;

/** The revoked tasks by `jti`, and callers by `sub`. Each value is the time when the revocation ends. */
export interface Revocations {
  readonly tasks: ReadonlyMap<string, number>;
  readonly subjects: ReadonlyMap<string, number>;
}

/** The revocations in the JSON of a ring. */
export interface RevocationsDocument {
  readonly tasks?: readonly { readonly jti: string; readonly until: number }[];
  readonly subjects?: readonly { readonly sub: string; readonly until: number }[];
}

/** No revocations. */
export const NONE: Revocations = { tasks: new Map(), subjects: new Map() };

/**
 * Reads the member `revocations` of a ring.
 *
 * @param value undefined if the ring lacks this member
 * @throws {RingError} `invalid_ring`: a revocation cannot be read. The whole ring is refused, so that none is ignored.
 */
export function readRevocations(value: unknown): Revocations {
  if (value === undefined) return NONE;
  const { tasks = [], subjects = [], ...unknown } = membersOf(value);
  if (Object.keys(unknown).length > 0) throw unreadable();
  const read = { tasks: entriesOf(tasks, 'jti'), subjects: entriesOf(subjects, 'sub') };
  requireRoom(read.tasks.length + read.subjects.length);
  return { tasks: latest(read.tasks), subjects: latest(read.subjects) };
}

function entriesOf(list: unknown, member: keyof typeof NAMED): (readonly [string, number])[] {
  if (!Array.isArray(list)) throw unreadable();
  return list.map((entry: unknown) => {
    const { [member]: name, until, ...unknown } = membersOf(entry);
    const isTime = Number.isSafeInteger(until) && (until as number) >= 0 && (until as number) <= LAST_SECOND;
    if (typeof name !== 'string' || !NAMED[member].test(name) || !isTime || Object.keys(unknown).length > 0) throw unreadable();
    return [name, until as number];
  });
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable();
  return value as Readonly<Record<string, unknown>>;
}

function unreadable(): RingError {
  return new RingError(
    'The key ring\'s member "revocations" must be {"tasks": [{"jti", "until"}], "subjects": [{"sub", "until"}]}, times in whole seconds since 1970.',
  );
}

/** If a name is listed twice, the later time counts. */
function latest(entries: readonly (readonly [string, number])[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, until] of entries) found.set(name, Math.max(until, found.get(name) ?? 0));
  return found;
}

/** Writes the member `revocations` of a ring. @returns undefined if there are no revocations */
export function writeRevocations({ tasks, subjects }: Revocations): RevocationsDocument | undefined {
  if (tasks.size + subjects.size === 0) return undefined;
  return {
    ...(tasks.size > 0 && { tasks: Array.from(tasks, ([jti, until]) => ({ jti, until })) }),
    ...(subjects.size > 0 && { subjects: Array.from(subjects, ([sub, until]) => ({ sub, until })) }),
  };
}

/**
 * Tells whether the task or the caller of a handle is revoked.
 *
 * @param claims the handle's `jti`, its `sub`, or both
 * @param now seconds since 1970
 *
 * @example
 * ```ts
 * import { type Claims, systemClock } from 'waxseal/handle';
 * import { isRevoked, type Ring } from 'waxseal/keys';
 *
 * // Pass it to `open` as `isRevoked`.
 * const checkFor = (ring: Ring) => (claims: Claims) => isRevoked(ring.revocations, claims, systemClock());
 * ```
 */
export function isRevoked({ tasks, subjects }: Revocations, { jti, sub }: Partial<Pick<Claims, 'jti' | 'sub'>>, now: number): boolean {
  return isListed(tasks, jti, now) || isListed(subjects, sub, now);
}

function isListed(list: ReadonlyMap<string, number>, name: string | undefined, now: number): boolean {
  const until = name === undefined ? undefined : list.get(name);
  return until !== undefined && now < until;
}

/**
 * Returns the time by which every handle issued so far has expired, whichever replica issued it.
 *
 * @param now seconds since 1970
 * @returns seconds since 1970: `now`, the longest life of a handle, and the clock skew together
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { lastExpiry } from 'waxseal/keys';
 *
 * const keepLogsUntil = lastExpiry(systemClock());
 * ```
 */
export function lastExpiry(now: number): number {
  return now + CLOCK_SKEW + MAX_LIFETIME;
}

/** The task to revoke, by its id (`jti`), or the caller, by the claim `sub` in the caller's handles. */
export type Revoked = { readonly jti: string } | { readonly sub: string };

/**
 * Adds a revocation, and drops the revocations that have ended.
 *
 * @param now seconds since 1970
 * @param until when the revocation ends. Pass the `exp` of the task's handles if you know it. Default:
 *   {@link lastExpiry}
 * @throws {RingError} `invalid_ring`: the ring would have more than {@link MAX_REVOCATIONS} revocations
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { parseDocument, toDocument, toText, withRevocation } from 'waxseal/keys';
 *
 * function withTaskRevoked(ringText: string, jti: string): string {
 *   const { pairs, development, revocations } = parseDocument(ringText);
 *   return toText(toDocument(pairs, { development, revocations: withRevocation(revocations, { jti }, systemClock()) }));
 * }
 * ```
 */
export function withRevocation(revocations: Revocations, revoked: Revoked, now: number, until = lastExpiry(now)): Revocations {
  const { tasks, subjects } = withoutForgotten(revocations, now);
  const added =
    'jti' in revoked
      ? { tasks: latest([...tasks, [revoked.jti, until]]), subjects }
      : { tasks, subjects: latest([...subjects, [revoked.sub, until]]) };
  requireRoom(added.tasks.size + added.subjects.size);
  return added;
}

/**
 * Drops the revocations that have ended.
 *
 * @param now seconds since 1970
 *
 * @example
 * ```ts
 * import { systemClock } from 'waxseal/handle';
 * import { type Ring, withoutForgotten } from 'waxseal/keys';
 *
 * const revokedTasks = (ring: Ring) => withoutForgotten(ring.revocations, systemClock()).tasks.size;
 * ```
 */
export function withoutForgotten({ tasks, subjects }: Revocations, now: number): Revocations {
  const live = (list: ReadonlyMap<string, number>) => new Map([...list].filter(([, until]) => now < until));
  return { tasks: live(tasks), subjects: live(subjects) };
}

function requireRoom(count: number): void {
  if (count <= MAX_REVOCATIONS) return;
  throw new RingError(
    `The key ring would have ${count} revocations; at most ${MAX_REVOCATIONS} fit. Revoke a key instead: waxseal keys revoke KID`,
  );
}
