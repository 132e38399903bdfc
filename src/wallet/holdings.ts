/** What a wallet holds of one server: which alias stands for which task, with the task's handles. Data and pure functions. */
import * as z from 'zod';
import { CLOCK_SKEW, type HandleDescription, KIND, MAX_LIFETIME } from '../handle/index.ts';
import { isHandle, LONGEST_HANDLE } from '../scan/index.ts';
import { aliasFor, readAlias } from './alias.ts';
import type { SeenHandle } from './json-handles.ts';

/** Bounds for one server: it cannot wear out what others share with it. */
export const MAX_TASKS = 1000;
/** Of all handles and rights together, in characters. */
export const MAX_LENGTH = 4 * 1024 * 1024;
/** Of one task: the newest ones are kept. */
export const MAX_REVISIONS = 8;
/** Only the tasks that were added to last keep older revisions: all that is held is written in every call that changes a task. */
const RECENT_TASKS = 8;

/** A revision of a task. */
export interface HeldHandle {
  /** 0 where it is unknown. */
  readonly revision: number;
  readonly handle: string;
}

/** What one alias stands for. */
export interface HeldTask {
  readonly alias: string;
  /** The task's id; absent where the server never told it. So are kind and expiry. */
  readonly id?: string | undefined;
  /** `name@version` */
  readonly kind?: string | undefined;
  /** What its handles still allow, sorted. Absent: everything. A handle with fewer rights never takes the place of one with more. */
  readonly rights?: readonly string[] | undefined;
  /** What it is about, in the words of the call that began it. */
  readonly topic?: string | undefined;
  /** What the server said last of where the task stands. */
  readonly status?: string | undefined;
  /** Seconds since 1970. */
  readonly expires?: number | undefined;
  /** When a handle was last added. Seconds since 1970. */
  readonly seen: number;
  /** In the order of their revisions. Empty once the task has expired. */
  readonly handles: readonly HeldHandle[];
}

/** All that is held of one server; the task that was added to last stands last. */
export interface Holdings {
  /** The server has a tool named `list_held_handles` itself. */
  readonly lists_itself?: true | undefined;
  readonly tasks: readonly HeldTask[];
}

/** The same, as a file must have it. What a later wallet has added is kept as it is. */
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

/** What adding handles needs to know. */
export interface Moment {
  /** Seeds the aliases, so that each server has its own. */
  readonly upstream: string;
  /** Seconds since 1970. */
  readonly now: number;
  /** The handles that the request carried which is being answered. */
  readonly sent: ReadonlySet<string>;
  /** What the request was about, where it began a task. */
  readonly topic?: string | undefined;
  /** Whether an alias is used for another server's task. */
  readonly isTaken: (alias: string) => boolean;
}

/** The newest handle of a task. */
export function newest({ handles }: HeldTask): HeldHandle | undefined {
  return handles.at(-1);
}

/** When a task's handles surely open no more: nothing lives longer than the format allows. Seconds since 1970. */
export function endOf({ expires, seen }: HeldTask): number {
  return expires ?? seen + MAX_LIFETIME;
}

/** Whether a task has expired for certain, however the clocks of server and client differ. */
export function isOver(task: HeldTask, now: number): boolean {
  return endOf(task) + CLOCK_SKEW <= now;
}

/** The task that a handle belongs to. */
export function taskWith({ tasks }: Holdings, handle: string): HeldTask | undefined {
  return tasks.find((task) => task.handles.some((held) => held.handle === handle));
}

/** Whether adding what was seen would change nothing. */
export function isHeld(holdings: Holdings, { handle, info, status }: SeenHandle): boolean {
  const task = taskWith(holdings, handle);
  if (task === undefined || (info !== undefined && task.id === undefined)) return false;
  return status === undefined || status === task.status || newest(task)?.handle !== handle;
}

/** Adds handles, and keeps to the bounds. One that no server would make so long is not added: it would push out all others. */
export function hold(holdings: Holdings, seen: readonly SeenHandle[], moment: Moment): Holdings {
  const fit = seen.filter(({ handle }) => handle.length <= LONGEST_HANDLE);
  const tasks = fit.reduce((held, handle) => withSeen(held, handle, moment), holdings.tasks);
  return { ...holdings, tasks: withinBounds(tasks, moment.now) };
}

/**
 * Joins what two wallets hold of one server: nothing of either is lost.
 *
 * @param first wins where the two disagree about a revision
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

/** Tells of a held handle what only now has been seen. */
function described(task: HeldTask, { handle, info, status }: SeenHandle): HeldTask {
  const learnt =
    info !== undefined && task.id === undefined
      ? { ...task, ...heldDescription(info, task.seen), handles: [{ revision: info.revision, handle }] }
      : task;
  return status !== undefined && newest(task)?.handle === handle ? { ...learnt, status } : learnt;
}

/**
 * The task that a new handle goes to, with the handle in it. It continues a task of its id and its rights whose newest
 * revision is older: the one that the request was about, before all others. Or it is an older revision that was
 * missing. Else the task was forked, and both branches are kept, each with an alias of its own.
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
  // A server that does not tell rights in its answer has not given more than what was asked with.
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

/** Whether a task lacks a revision, and keeps it if it is added. */
function hasRoomFor(revision: number, { handles }: HeldTask): boolean {
  const isMissing = handles.every((held) => held.revision !== revision);
  return isMissing && (handles.length < MAX_REVISIONS || revision > (handles[0]?.revision ?? 0));
}

function revisionOf(task: HeldTask): number {
  return newest(task)?.revision ?? 0;
}

/** A handle that has expired when it comes tells that the clocks differ; then its expiry says nothing here. */
function heldDescription({ id, kind, expiresAt, rights }: HandleDescription, now: number) {
  return { id, kind, ...(expiresAt > now && { expires: Math.min(expiresAt, now + MAX_LIFETIME) }), ...(rights && { rights: [...rights] }) };
}

function withHandles(task: HeldTask, handles: readonly HeldHandle[]): HeldTask {
  return { ...task, handles: handles.toSorted((one, other) => one.revision - other.revision).slice(-MAX_REVISIONS) };
}

/**
 * Expired tasks keep their alias for a while, so that it can be answered for, and no handle. Beyond the bounds those
 * go first; then older revisions, those of the oldest tasks first; then the oldest tasks.
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

/** A task with its newest handles only, so many. */
function withoutOld(task: HeldTask, keep: number): HeldTask {
  return task.handles.length <= keep ? task : { ...task, handles: task.handles.slice(task.handles.length - keep) };
}

/** What is left of a task that has expired: what its alias is answered with. */
function ended({ rights: _rights, topic: _topic, status: _status, ...task }: HeldTask): HeldTask {
  return { ...task, handles: [] };
}

function lengthOf({ handles, rights = [] }: HeldTask): number {
  return [...handles.map(({ handle }) => handle), ...rights].reduce((sum, { length }) => sum + length, 0);
}
