/**
 * Reads, writes and checks revocations. An operator can revoke a task or a caller. The document of the key ring lists the
 * revocations, so that every replica gets the revocations together with the keys. A revocation ends when every handle of
 * the task or caller has expired. Times are in seconds since 1970.
 */
import { CLOCK_SKEW, type Claims, MAX_LIFETIME } from '../handle/index.ts';
import { RingError } from './errors.ts';

/** The maximum number of revocations that one ring may have, tasks and callers together. */
export const MAX_REVOCATIONS = 10_000;

/** The spellings of a task's `jti` and of a caller's `sub`. */
const NAMED = { jti: /^[A-Za-z0-9_-]{16}$/, sub: /^[A-Za-z0-9_-]{21}[AQgw]$/ } as const;

/** The end of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799;

/**
 * The revoked tasks and the revoked callers. The keys of the maps are the `jti` of each task and the `sub` of each
 * caller. The values are the times until which the handles are refused.
 */
export interface Revocations {
  readonly tasks: ReadonlyMap<string, number>;
  readonly subjects: ReadonlyMap<string, number>;
}

/** The JSON of the revocations, in a ring's document. */
export interface RevocationsDocument {
  readonly tasks?: readonly { readonly jti: string; readonly until: number }[];
  readonly subjects?: readonly { readonly sub: string; readonly until: number }[];
}

/** The revocations of a ring that revokes nothing. */
export const NONE: Revocations = { tasks: new Map(), subjects: new Map() };

/**
 * Reads the member `revocations` of a ring.
 *
 * @param value the value of the member; undefined if the ring does not have this member
 * @throws {RingError} `invalid_ring`: a revocation cannot be read. Then the whole ring is refused, so that a revocation is
 *   never ignored.
 */
export function readRevocations(value: unknown): Revocations {
  if (value === undefined) return NONE;
  const { tasks = [], subjects = [], ...unknown } = membersOf(value);
  if (Object.keys(unknown).length > 0) throw unreadable();
  const read = { tasks: entriesOf(tasks, 'jti'), subjects: entriesOf(subjects, 'sub') };
  requireRoom(read.tasks.length + read.subjects.length);
  return { tasks: latest(read.tasks), subjects: latest(read.subjects) };
}

/** Reads a list of revocations: the names of tasks or callers, each with its time `until`. @throws {RingError} `invalid_ring` */
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

/** Makes a map from names to the times `until`. If a name is listed twice, the later time counts. */
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
 * Tells whether a handle's task or its caller is revoked at a moment.
 *
 * @param claims the handle's claims `jti` and `sub`, or only one of them
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
 * Returns the time by which every handle that exists at a moment has expired, no matter which replica issued the handle.
 *
 * @param now seconds since 1970
 * @returns seconds since 1970: `now`, plus the longest life of a handle, plus the clock skew
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

/** The task or the caller to revoke. The id (`jti`) names a task, and the claim `sub` in a caller's handles names the caller. */
export type Revoked = { readonly jti: string } | { readonly sub: string };

/**
 * Adds a revocation, and leaves out the revocations that have ended.
 *
 * @param now seconds since 1970
 * @param until when the revocation ends. Give the `exp` of the task's handles if you know it; default: {@link lastExpiry}
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
 * Leaves out the revocations that have ended.
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
