/** What is remembered of a log: each different handle once, and where it stood. Never the handle itself, nor its state. */
import {
  authenticate,
  descriptionOf,
  fingerprint,
  type HandleDescription,
  HandleError,
  HandleRejected,
  type RejectionReason,
  readHandleInfo,
  writeHandleInfo,
} from '../handle/index.ts';
import type { Ring } from '../keys/index.ts';
import { type FoundHandle, LONGEST_HANDLE } from '../scan/index.ts';
import type { Role } from './records.ts';

/** How many different handles are remembered: some 600 bytes each, and twice that while a report is drawn up. */
const MOST_HANDLES = 500_000;

/** A line of a log. */
export interface LogPosition {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** Seconds since 1970, where the line tells. */
  readonly time?: number;
}

/** The same among the lines of all logs. */
export interface OrderedPosition extends LogPosition {
  /** Lines of all logs before this one: tells the order where the clock does not. */
  readonly order: number;
}

/** A handle in a line. */
export interface Sighting {
  readonly found: FoundHandle;
  readonly role: Role;
  /** What stood beside it as `x_info`: anything. */
  readonly info?: unknown;
  readonly caller?: string | undefined;
  readonly position: OrderedPosition;
}

/** What became of a handle when it was to be opened. Without a ring nothing is. */
export type OpeningOutcome = 'not_opened' | 'opened' | 'unknown_key' | 'revoked_key' | 'altered';

/** A handle of the log. */
export interface Entry {
  readonly fingerprint: string;
  readonly kid: string;
  readonly length: number;
  readonly compressed: boolean;
  readonly outcome: OpeningOutcome;
  /** Where it is `altered`: what the verifier said. */
  readonly reason?: RejectionReason;
  /** By its claims where it was opened, otherwise by what stood beside it. Absent: nothing tells. */
  description?: HandleDescription;
  /** In how many lines. */
  seen: number;
  /** How often a client is seen to present it. */
  presented: number;
  first: OrderedPosition;
  last: OrderedPosition;
  lastPresented?: OrderedPosition;
  lastMentioned?: OrderedPosition;
  /** Who first presented it. */
  caller?: { readonly name: string; readonly position: OrderedPosition };
  /** The first that is not `caller`. */
  otherCaller?: { readonly name: string; readonly position: OrderedPosition };
  /** Where `x_info` beside it said something else than it does. */
  contradicted?: OrderedPosition;
}

export interface Ledger {
  /** Remembers what stood in a log, in its order. Opens each different handle once, all of one call side by side. */
  add(sightings: readonly Sighting[]): Promise<void>;
  readonly entries: ReadonlyMap<string, Entry>;
  /** Where there were more different handles than are remembered. */
  readonly overflow: OrderedPosition | undefined;
}

/** @param most how many different handles to remember */
export function createLedger(ring: Ring | undefined, most: number = MOST_HANDLES): Ledger {
  const entries = new Map<string, Entry>();
  let overflow: OrderedPosition | undefined;

  return {
    entries,
    get overflow() {
      return overflow;
    },
    async add(sightings) {
      const handles = new Map(sightings.map(({ found }) => [found.handle, found]));
      const names = new Map(await Promise.all(Array.from(handles.keys(), async (handle) => [handle, await fingerprint(handle)] as const)));
      const unknown = [...handles.values()].filter(({ handle }) => !entries.has(names.get(handle) ?? ''));
      const opened = new Map(await Promise.all(unknown.map(async (found) => [found.handle, await open(found, ring)] as const)));

      for (const sighting of sightings) {
        const { handle, header, length } = sighting.found;
        const name = names.get(handle) ?? '';
        let entry = entries.get(name);
        if (entry === undefined) {
          if (entries.size >= most) {
            overflow ??= sighting.position;
            continue;
          }
          const { position } = sighting;
          const { kid, zip } = header;
          const opening = opened.get(handle) ?? { outcome: 'not_opened' };
          entry = {
            fingerprint: name,
            kid,
            length,
            compressed: zip !== undefined,
            ...opening,
            seen: 0,
            presented: 0,
            first: position,
            last: position,
          };
          entries.set(name, entry);
        }
        note(entry, sighting);
      }
    },
  };
}

/**
 * Opens a handle offline. Its own key may be long gone by now and still tells the truth; a revoked one does not, for
 * whoever stole it mints what he likes.
 */
async function open(found: FoundHandle, ring: Ring | undefined): Promise<Pick<Entry, 'outcome' | 'reason' | 'description'>> {
  if (ring === undefined) return { outcome: 'not_opened' };
  const key = ring.entries.find(({ kid }) => kid === found.header.kid);
  if (key === undefined) return { outcome: 'unknown_key' };
  if (key.revoked) return { outcome: 'revoked_key' };
  try {
    const { claims } = await authenticate(found.handle, () => key.opening, LONGEST_HANDLE);
    return { outcome: 'opened', description: descriptionOf(claims) };
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    return { outcome: 'altered', ...(error instanceof HandleRejected && { reason: error.reason }) };
  }
}

function note(entry: Entry, { role, info, caller, position }: Sighting): void {
  entry.seen += 1;
  if (isBefore(position, entry.first)) entry.first = position;
  if (isBefore(entry.last, position)) entry.last = position;
  if (role === 'presented') {
    entry.presented += 1;
    entry.lastPresented = later(entry.lastPresented, position);
  }
  if (role === 'mentioned') entry.lastMentioned = later(entry.lastMentioned, position);
  // Whoever is given a handle may well hand it on, as a delegation is meant to be.
  if (caller !== undefined && role !== 'issued') {
    entry.caller ??= { name: caller, position };
    if (entry.caller.name !== caller) entry.otherCaller ??= { name: caller, position };
  }
  if (info === undefined) return;
  if (entry.outcome === 'not_opened') {
    const description = entry.description ?? readHandleInfo(info);
    if (description !== undefined) entry.description = description;
  } else if (entry.description !== undefined && contradicts(info, entry.description)) entry.contradicted ??= position;
}

/** Whether `x_info` says something of a handle that the handle itself does not. What it leaves out is no lie. */
export function contradicts(info: unknown, handle: HandleDescription): boolean {
  if (typeof info !== 'object' || info === null) return false;
  const truth = { rights: undefined, ...writeHandleInfo(handle) };
  const said = info as Readonly<Record<string, unknown>>;
  return Object.entries(truth).some(([name, value]) => Object.hasOwn(said, name) && !isSame(said[name], value));
}

/** @param value a primitive, or a list of them */
function isSame(said: unknown, value: unknown): boolean {
  if (!Array.isArray(value)) return said === value;
  return Array.isArray(said) && said.length === value.length && value.every((item, at) => item === said[at]);
}

function later(known: OrderedPosition | undefined, position: OrderedPosition): OrderedPosition {
  return known === undefined || isBefore(known, position) ? position : known;
}

/** By the clock where both lines tell the time and it differs, otherwise by their order. */
export function isBefore(a: OrderedPosition, b: OrderedPosition): boolean {
  return a.time !== undefined && b.time !== undefined && a.time !== b.time ? a.time < b.time : a.order < b.order;
}
