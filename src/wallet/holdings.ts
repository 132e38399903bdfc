/** What a wallet holds for one server: tasks, with their aliases and handles. Data and pure functions only. */
import * as z from 'zod';
import { CLOCK_SKEW, type HandleDescription, KIND, MAX_LIFETIME } from '../handle/index.ts';
import { isHandle, LONGEST_HANDLE } from '../scan/index.ts';
import { aliasFor, readAlias } from './alias.ts';
import type { SeenHandle } from './json-handles.ts';

/**
 * The maximum number of tasks for one server. Each server has its own limits, so that one server cannot displace the
 * tasks of another server.
 */
export const MAX_TASKS = 1000;
/** The maximum number of characters in all handles and rights of one server. */
export const MAX_LENGTH = 4 * 1024 * 1024;
/** The maximum number of revisions of one task. The wallet keeps the newest. */
export const MAX_REVISIONS = 8;
/**
 * The number of recently changed tasks that keep several revisions. Other tasks keep the newest. The holdings must stay
 * small, because every change writes them all to the file.
 */
const RECENT_TASKS = 8;

export interface HeldHandle {
  /** 0 if unknown. */
  readonly revision: number;
  readonly handle: string;
}

export interface HeldTask {
  readonly alias: string;
  /** The task's id. Absent if the server did not describe the handle; then kind and expiry are also absent. */
  readonly id?: string | undefined;
  /** `name@version` */
  readonly kind?: string | undefined;
  /** The rights of the task's handles, sorted. Absent: every right. A handle never replaces one with more rights. */
  readonly rights?: readonly string[] | undefined;
  /** The topic, in the words of the call that started the task. */
  readonly topic?: string | undefined;
  /** The server's last report of the status. */
  readonly status?: string | undefined;
  /** Seconds since 1970. */
  readonly expires?: number | undefined;
  /** When the task last got a new handle. Seconds since 1970. */
  readonly seen: number;
  /** Sorted by revision. Empty if the task has expired. */
  readonly handles: readonly HeldHandle[];
}

/** All tasks of one server. The task that changed last is at the end. */
export interface Holdings {
  /** True if the server has its own tool `list_held_handles`. */
  readonly lists_itself?: true | undefined;
  readonly tasks: readonly HeldTask[];
}

/** The schema of {@link Holdings} in a file. Unknown members of a server, a task or a handle
 * are kept: a later version of the wallet may need them. */
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
      handles: z.array(z.looseObject({ revision: z.int().min(0), handle: z.string().refine(isHandle) })),
    }),
  ),
});

/** What decides how the handles of a message are added. */
export interface Moment {
  /** The server's digest. It is part of the seed of aliases, so that each server has its own aliases. */
  readonly upstream: string;
  /** The present time. Seconds since 1970. */
  readonly now: number;
  /** The handles in the request that the message answers. */
  readonly sent: ReadonlySet<string>;
  /** The topic of the request, if it starts a task. */
  readonly topic?: string | undefined;
  /** Tells whether an alias names a task of another server. */
  readonly isTaken: (alias: string) => boolean;
}

export function newest({ handles }: HeldTask): HeldHandle | undefined {
  return handles.at(-1);
}

/**
 * Returns when the last handle of a task expires, in seconds since 1970. If this time is unknown, the function assumes
 * the longest possible life of a handle.
 */
export function endOf({ expires, seen }: HeldTask): number {
  return expires ?? seen + MAX_LIFETIME;
}

/** Tells whether a task has expired even if the server's clock differs. @param now seconds since 1970 */
export function isOver(task: HeldTask, now: number): boolean {
  return endOf(task) + CLOCK_SKEW <= now;
}

export function taskWith({ tasks }: Holdings, handle: string): HeldTask | undefined {
  return tasks.find((task) => task.handles.some((held) => held.handle === handle));
}

/** Tells whether adding a handle and its description would change nothing. */
export function isHeld(holdings: Holdings, { handle, info, status }: SeenHandle): boolean {
  const task = taskWith(holdings, handle);
  if (task === undefined || (info !== undefined && task.id === undefined)) return false;
  return status === undefined || status === task.status || newest(task)?.handle !== handle;
}

/**
 * Adds handles, within the limits. It skips handles longer than {@link LONGEST_HANDLE}: no server makes them, and they
 * would displace all others.
 */
export function hold(holdings: Holdings, seen: readonly SeenHandle[], moment: Moment): Holdings {
  const fit = seen.filter(({ handle }) => handle.length <= LONGEST_HANDLE);
  const tasks = fit.reduce((held, handle) => withSeen(held, handle, moment), holdings.tasks);
  return { ...holdings, tasks: withinBounds(tasks, moment.now) };
}

/**
 * Merges what two wallets hold for one server, within the limits.
 *
 * @param first wins if the two have different handles for one revision, or different tasks for one alias
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

/** Adds the description and the status from a message to a held task. */
function described(task: HeldTask, { handle, info, status }: SeenHandle): HeldTask {
  const learnt =
    info !== undefined && task.id === undefined
      ? { ...task, ...heldDescription(info, task.seen), handles: [{ revision: info.revision, handle }] }
      : task;
  return status !== undefined && newest(task)?.handle === handle ? { ...learnt, status } : learnt;
}

/**
 * Finds the task of a new handle, and adds the handle. Candidates are held tasks with the handle's id and rights. The
 * first rule that fits applies:
 *
 * 1. A candidate's newest revision is older than the handle: the handle continues this candidate. Among several, the
 *   one in the request is preferred.
 * 2. A candidate lacks the handle's revision: the handle fills the gap.
 * 3. Otherwise the handle begins a task with a new alias. If it is a fork of a held task, both stay.
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
  // If the response has no rights, the rights of the request's handle stay: a call cannot add rights.
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

/** Tells whether a task lacks a revision, and has room for it. */
function hasRoomFor(revision: number, { handles }: HeldTask): boolean {
  const isMissing = handles.every((held) => held.revision !== revision);
  return isMissing && (handles.length < MAX_REVISIONS || revision > (handles[0]?.revision ?? 0));
}

function revisionOf(task: HeldTask): number {
  return newest(task)?.revision ?? 0;
}

/**
 * Returns what the server's description adds to a held task. An expiry in the past is left out, because it only shows
 * that the clocks of client and server differ.
 */
function heldDescription({ id, kind, expiresAt, rights }: HandleDescription, now: number) {
  return { id, kind, ...(expiresAt > now && { expires: Math.min(expiresAt, now + MAX_LIFETIME) }), ...(rights && { rights: [...rights] }) };
}

function withHandles(task: HeldTask, handles: readonly HeldHandle[]): HeldTask {
  return { ...task, handles: handles.toSorted((one, other) => one.revision - other.revision).slice(-MAX_REVISIONS) };
}

/**
 * Enforces the limits. An expired task loses its handles, but keeps its alias for a while, so that the wallet can tell
 * the model about the expiry. Above a limit, the wallet drops these, in this order: expired tasks, older revisions of
 * the oldest tasks, and the oldest tasks.
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

function withoutOld(task: HeldTask, keep: number): HeldTask {
  return task.handles.length <= keep ? task : { ...task, handles: task.handles.slice(task.handles.length - keep) };
}

/** Keeps of an expired task only what the wallet needs to tell a model that the alias has expired. */
function ended({ rights: _rights, topic: _topic, status: _status, ...task }: HeldTask): HeldTask {
  return { ...task, handles: [] };
}

function lengthOf({ handles, rights = [] }: HeldTask): number {
  return [...handles.map(({ handle }) => handle), ...rights].reduce((sum, { length }) => sum + length, 0);
}
