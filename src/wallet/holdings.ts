/**
 * The holdings of a wallet for one server: its tasks, with their aliases and handles. This module has only data and
 * pure functions.
 */
import * as z from 'zod';
import { CLOCK_SKEW, type HandleDescription, KIND, MAX_LIFETIME } from '../handle/index.ts';
import { isHandle, LONGEST_HANDLE } from '../scan/index.ts';
import { aliasFor, readAlias } from './alias.ts';
import type { SeenHandle } from './json-handles.ts';

/**
 * The maximum number of tasks that the wallet keeps for one server. Every server has its own bounds, so no server can displace
 * another's tasks.
 */
export const MAX_TASKS = 1000;
/** The maximum number of characters that all handles and rights of one server may have together. */
export const MAX_LENGTH = 4 * 1024 * 1024;
/** The maximum number of revisions that the wallet keeps of one task. It keeps the newest revisions. */
export const MAX_REVISIONS = 8;
/**
 * The number of recently changed tasks of which the wallet keeps several revisions. Of every other task it keeps the
 * newest revision. Every change writes all holdings to the file, so the holdings must stay small.
 */
const RECENT_TASKS = 8;

/** A revision of a task. */
export interface HeldHandle {
  /** The handle's revision; 0 if it is unknown. */
  readonly revision: number;
  readonly handle: string;
}

/** A task that the wallet holds, with its alias. */
export interface HeldTask {
  readonly alias: string;
  /** The task's id. The id, the kind and the expiry are absent if the server has not described the handle. */
  readonly id?: string | undefined;
  /** `name@version` */
  readonly kind?: string | undefined;
  /**
   * The rights of the task's handles, sorted. If the list is absent, the handles have all rights. A handle with fewer rights
   * never replaces a handle with more rights.
   */
  readonly rights?: readonly string[] | undefined;
  /** The topic of the task, in the words of the call that started it. */
  readonly topic?: string | undefined;
  /** The status that the server reported last. */
  readonly status?: string | undefined;
  /** The time when the task expires, in seconds since 1970. */
  readonly expires?: number | undefined;
  /** The time when the task last got a new handle, in seconds since 1970. */
  readonly seen: number;
  /** The handles in the order of their revisions. An expired task has no handles. */
  readonly handles: readonly HeldHandle[];
}

/** All tasks of one server. The task that changed last is at the end of the list. */
export interface Holdings {
  /** True if the server has a tool `list_held_handles` of its own. */
  readonly lists_itself?: true | undefined;
  readonly tasks: readonly HeldTask[];
}

/**
 * The schema of {@link Holdings} in a file. It keeps members that it does not know, because a later version of the
 * wallet may need them.
 */
export const holdingsSchema = z.looseObject({
  lists_itself: z.literal(true).optional(),
  tasks: z.array(
    z.looseObject({
      alias: z.string().refine((alias) => readAlias(alias) !== undefined),
      id: z.string().optional(),
      kind: z.string().regex(KIND).optional(),
      rights: z.array(z.string()).optional(),
      topic: z.string().optional(),
      status: z.string().optional(),
      expires: z.int().optional(),
      seen: z.int(),
      handles: z.array(z.strictObject({ revision: z.int().min(0), handle: z.string().refine(isHandle) })),
    }),
  ),
});

/** The facts that decide how the wallet adds the handles of a message. */
export interface Moment {
  /** The server's digest. It is part of the seed of aliases, so that servers have different aliases. */
  readonly upstream: string;
  /** The present time, in seconds since 1970. */
  readonly now: number;
  /** The handles in the request to which the message responds. */
  readonly sent: ReadonlySet<string>;
  /** The topic of the request, if it started a task. */
  readonly topic?: string | undefined;
  /** Tells whether an alias names another server's task. */
  readonly isTaken: (alias: string) => boolean;
}

/** Returns the newest handle of a task. */
export function newest({ handles }: HeldTask): HeldHandle | undefined {
  return handles.at(-1);
}

/**
 * Returns the time when all handles of a task have expired, in seconds since 1970. If the expiry is unknown, the function
 * assumes the longest life that a handle can have.
 */
export function endOf({ expires, seen }: HeldTask): number {
  return expires ?? seen + MAX_LIFETIME;
}

/** Tells whether a task has certainly expired, even if the clocks of server and client differ. @param now seconds since 1970 */
export function isOver(task: HeldTask, now: number): boolean {
  return endOf(task) + CLOCK_SKEW <= now;
}

/** Returns the task that a handle belongs to. */
export function taskWith({ tasks }: Holdings, handle: string): HeldTask | undefined {
  return tasks.find((task) => task.handles.some((held) => held.handle === handle));
}

/** Tells whether the holdings already have a handle and its description, so that adding the handle would change nothing. */
export function isHeld(holdings: Holdings, { handle, info, status }: SeenHandle): boolean {
  const task = taskWith(holdings, handle);
  if (task === undefined || (info !== undefined && task.id === undefined)) return false;
  return status === undefined || status === task.status || newest(task)?.handle !== handle;
}

/**
 * Adds handles to the holdings, and keeps the holdings within the bounds. The function leaves out handles that are
 * longer than {@link LONGEST_HANDLE}: no server makes such handles, and they would displace all other handles.
 */
export function hold(holdings: Holdings, seen: readonly SeenHandle[], moment: Moment): Holdings {
  const fit = seen.filter(({ handle }) => handle.length <= LONGEST_HANDLE);
  const tasks = fit.reduce((held, handle) => withSeen(held, handle, moment), holdings.tasks);
  return { ...holdings, tasks: withinBounds(tasks, moment.now) };
}

/**
 * Merges the holdings of two wallets for one server. The result has every task of both, within the bounds.
 *
 * @param first the holdings that win if both have different handles for one revision, or different tasks for one alias
 * @param now seconds since 1970
 */
export function merge(first: Holdings, second: Holdings, now: number): Holdings {
  const tasks = new Map(first.tasks.map((task) => [task.alias, task]));
  for (const task of second.tasks) {
    const mine = tasks.get(task.alias);
    if (mine === undefined) tasks.set(task.alias, task);
    else if (mine.id === task.id) tasks.set(task.alias, joined(mine, task));
  }
  const inOrder = [...tasks.values()].sort((one, other) => one.seen - other.seen);
  const { lists_itself: _theirs, ...rest } = second;
  return { ...rest, ...first, tasks: withinBounds(inOrder, now) };
}

function joined(mine: HeldTask, theirs: HeldTask): HeldTask {
  const missing = theirs.handles.filter(({ revision }) => !mine.handles.some((held) => held.revision === revision));
  return missing.length === 0 ? mine : withHandles(mine, [...mine.handles, ...missing]);
}

function withSeen(tasks: readonly HeldTask[], seen: SeenHandle, moment: Moment): readonly HeldTask[] {
  const known = taskWith({ tasks }, seen.handle);
  if (known !== undefined) return tasks.map((task) => (task === known ? described(task, seen) : task));
  const task = taskFor(tasks, seen, moment);
  return [...tasks.filter(({ alias }) => alias !== task.alias), task];
}

/** Adds to a held task the description and the status that a message gives for the task's handle. */
function described(task: HeldTask, { handle, info, status }: SeenHandle): HeldTask {
  const learnt =
    info !== undefined && task.id === undefined
      ? { ...task, ...heldDescription(info, task.seen), handles: [{ revision: info.revision, handle }] }
      : task;
  return status !== undefined && newest(task)?.handle === handle ? { ...learnt, status } : learnt;
}

/**
 * Returns the task to which a new handle belongs, with the handle added. Only held tasks with the handle's id and
 * rights are candidates. The first of these rules that fits applies:
 *
 * 1. The newest revision of a candidate is older than the handle: the handle continues this candidate. If there are
 *    several such candidates, the function prefers the task that the request used.
 * 2. A candidate lacks the handle's revision: the handle fills the gap.
 * 3. In all other cases, the handle begins a task with a new alias. If the handle is a fork of a held task, the held task also stays.
 */
function taskFor(
  tasks: readonly HeldTask[],
  { handle, info, status }: SeenHandle,
  { now, upstream, sent, topic, isTaken }: Moment,
): HeldTask {
  const isUsed = (alias: string) => isTaken(alias) || tasks.some((task) => task.alias === alias);
  if (info === undefined) {
    return { alias: aliasFor(`${upstream}\n${handle}`, isUsed), seen: now, handles: [{ revision: 0, handle }] };
  }
  const asked = tasks.find((task) => task.id === info.id && task.handles.some((held) => sent.has(held.handle)));
  // If the response names no rights, the new handle has the rights of the request's handle: a call cannot add rights.
  const rights = info.rights ?? asked?.rights;
  const branches = tasks.filter((task) => task.id === info.id && String(task.rights) === String(rights));
  const added = { revision: info.revision, handle };
  const older = branches.filter((task) => revisionOf(task) < info.revision);
  const continued = older.find((task) => task === asked) ?? older.toSorted((one, other) => revisionOf(other) - revisionOf(one))[0];
  if (continued !== undefined) {
    const { status: _former, ...rest } = continued;
    return { ...withHandles(rest, [...rest.handles, added]), seen: now, ...(status !== undefined && { status }) };
  }
  const gap = branches.find((task) => hasRoomFor(info.revision, task));
  if (gap !== undefined) return { ...withHandles(gap, [...gap.handles, added]), seen: now };
  const seed = [upstream, info.id, ...(rights ?? []), ...(branches.length === 0 ? [] : [handle])].join('\n');
  const about = info.revision === 1 ? topic : tasks.find((task) => task.id === info.id)?.topic;
  const description = {
    ...heldDescription({ ...info, ...(rights && { rights }) }, now),
    ...(about !== undefined && { topic: about }),
    ...(status !== undefined && { status }),
  };
  return { alias: aliasFor(seed, isUsed), ...description, seen: now, handles: [added] };
}

/** Tells whether a task lacks a revision, and has room to keep this revision. */
function hasRoomFor(revision: number, { handles }: HeldTask): boolean {
  const isMissing = handles.every((held) => held.revision !== revision);
  return isMissing && (handles.length < MAX_REVISIONS || revision > (handles[0]?.revision ?? 0));
}

function revisionOf(task: HeldTask): number {
  return newest(task)?.revision ?? 0;
}

/**
 * Returns the members of a held task that come from the server's description of the handle. If the description says that the
 * handle has already expired, the clocks of client and server differ, so the function leaves the expiry out.
 */
function heldDescription({ id, kind, expiresAt, rights }: HandleDescription, now: number) {
  return { id, kind, ...(expiresAt > now && { expires: Math.min(expiresAt, now + MAX_LIFETIME) }), ...(rights && { rights: [...rights] }) };
}

function withHandles(task: HeldTask, handles: readonly HeldHandle[]): HeldTask {
  return { ...task, handles: handles.toSorted((one, other) => one.revision - other.revision).slice(-MAX_REVISIONS) };
}

/**
 * Keeps holdings within the bounds. An expired task loses its handles, but keeps its alias for a while, so that the wallet
 * can say that the task has expired. If the holdings exceed a bound, the function removes expired tasks first, then older
 * revisions (beginning with the oldest tasks), and then the oldest tasks.
 */
function withinBounds(tasks: readonly HeldTask[], now: number): HeldTask[] {
  const kept = tasks
    .filter((task) => now < endOf(task) + MAX_LIFETIME)
    .map((task, index, all) => (isOver(task, now) ? ended(task) : withoutOld(task, index < all.length - RECENT_TASKS ? 1 : MAX_REVISIONS)));
  const surplus = Math.max(0, kept.length - MAX_TASKS);
  const leaving = new Set([...kept.filter((task) => isOver(task, now)), ...kept.filter((task) => !isOver(task, now))].slice(0, surplus));
  const within = kept.filter((task) => !leaving.has(task));

  let excess = within.reduce((sum, task) => sum + lengthOf(task), 0) - MAX_LENGTH;
  const lightened = (task: HeldTask) => {
    if (excess <= 0) return task;
    const lighter = withoutOld(task, 1);
    excess -= lengthOf(task) - lengthOf(lighter);
    return lighter;
  };
  return within.map(lightened).filter((task) => {
    const stays = excess <= 0 || isOver(task, now);
    if (!stays) excess -= lengthOf(task);
    return stays;
  });
}

/** Returns a task with only its newest handles. @param keep the number of handles to keep */
function withoutOld(task: HeldTask, keep: number): HeldTask {
  return task.handles.length <= keep ? task : { ...task, handles: task.handles.slice(task.handles.length - keep) };
}

/** Removes from an expired task everything that the wallet does not need to explain the task's alias. */
function ended({ rights: _rights, topic: _topic, status: _status, ...task }: HeldTask): HeldTask {
  return { ...task, handles: [] };
}

function lengthOf({ handles, rights = [] }: HeldTask): number {
  return [...handles.map(({ handle }) => handle), ...rights].reduce((sum, { length }) => sum + length, 0);
}
