/**
 * Tasks and callers that an operator has revoked. They stand in the ring's document, so that they reach every replica as
 * keys do. Each is forgotten once the last handle that it could be about has expired. Times in seconds since 1970.
 */
import { CLOCK_SKEW, type Claims, MAX_LIFETIME } from '../handle/index.ts';
import { RingError } from './errors.ts';

/** Most revocations in one ring, tasks and subjects together. */
export const MAX_REVOCATIONS = 10_000;

/** How `jti` and `sub` are spelled. */
const NAMED = { jti: /^[A-Za-z0-9_-]{16}$/, sub: /^[A-Za-z0-9_-]{21}[AQgw]$/ } as const;

/** The year 9999. */
const LAST_SECOND = 253_402_300_799;

/** Until when each task, by `jti`, and each caller, by `sub`, is refused. */
export interface Revocations {
  readonly tasks: ReadonlyMap<string, number>;
  readonly subjects: ReadonlyMap<string, number>;
}

/** A ring's revocations as its document has them. */
export interface RevocationsDocument {
  readonly tasks?: readonly { readonly jti: string; readonly until: number }[];
  readonly subjects?: readonly { readonly sub: string; readonly until: number }[];
}

/** No revocations. */
export const NONE: Revocations = { tasks: new Map(), subjects: new Map() };

/**
 * Reads the member `revocations` of a ring.
 *
 * @param value undefined where the ring has no such member
 * @throws {RingError} where one of them cannot be read: a revocation holds, or the ring is refused
 */
export function readRevocations(value: unknown): Revocations {
  if (value === undefined) return NONE;
  const { tasks = [], subjects = [], ...unknown } = membersOf(value);
  if (Object.keys(unknown).length > 0) throw unreadable();
  const read = { tasks: entriesOf(tasks, 'jti'), subjects: entriesOf(subjects, 'sub') };
  requireRoom(read.tasks.length + read.subjects.length);
  return { tasks: latest(read.tasks), subjects: latest(read.subjects) };
}

/** What a list says: each name, and until when it is refused. By hand, as the rest of the ring is read. @throws {RingError} */
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

/** Where one thing is listed twice, the later deadline holds. */
function latest(entries: readonly (readonly [string, number])[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const [name, until] of entries) found.set(name, Math.max(until, found.get(name) ?? 0));
  return found;
}

/** The inverse of {@link readRevocations}; undefined where there are none. */
export function writeRevocations({ tasks, subjects }: Revocations): RevocationsDocument | undefined {
  if (tasks.size + subjects.size === 0) return undefined;
  return {
    ...(tasks.size > 0 && { tasks: Array.from(tasks, ([jti, until]) => ({ jti, until })) }),
    ...(subjects.size > 0 && { subjects: Array.from(subjects, ([sub, until]) => ({ sub, until })) }),
  };
}

/** Whether a handle's task or its caller is revoked at a moment. */
export function isRevoked({ tasks, subjects }: Revocations, { jti, sub }: Partial<Pick<Claims, 'jti' | 'sub'>>, now: number): boolean {
  return isListed(tasks, jti, now) || isListed(subjects, sub, now);
}

function isListed(list: ReadonlyMap<string, number>, name: string | undefined, now: number): boolean {
  const until = name === undefined ? undefined : list.get(name);
  return until !== undefined && now < until;
}

/** When the last handle that exists at a moment has surely expired, by the clock of any replica. */
export function lastExpiry(now: number): number {
  return now + CLOCK_SKEW + MAX_LIFETIME;
}

/** What is to be revoked: a task by its id, or a caller by the claim `sub` of his handles. */
export type Revoked = { readonly jti: string } | { readonly sub: string };

/**
 * Adds a revocation, and drops those that say nothing any more.
 *
 * @param until when the last handle of the task has expired, where that is known; default: the longest life of a handle from now on
 * @throws {RingError} where there is no more room
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

/** Those that still refuse something. */
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
