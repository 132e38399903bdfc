/** What is remembered of a log: each different handle once, and where it stood. Never the handle itself, nor its state. */
import {
  authenticate,
  type Claims,
  descriptionOf,
  type HandleDescription,
  HandleError,
  HandleRejected,
  type RejectionReason,
  readHandleInfo,
  shortDigest,
  writeHandleInfo,
} from '../handle/index.ts';
import type { Ring } from '../keys/index.ts';
import { type FoundHandle, LONGEST_HANDLE } from '../scan/index.ts';
import type { Role } from './log/roles.ts';
import { byAppearance, isBefore, type Position } from './order.ts';

/** How many different handles are remembered: some 600 bytes each, and twice that while a report is drawn up. */
const MOST_HANDLES = 500_000;

/** A handle at some place of a log. */
export interface Sighting {
  readonly found: FoundHandle;
  /** Absent where nothing tells. */
  readonly role?: Role | undefined;
  /** What stood beside it as `x_info`: anything. */
  readonly info?: unknown;
  readonly caller?: string | undefined;
  readonly position: Position;
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
  /** Where it was opened: a digest of what is signed in it. Others with the same one are the same handle, encrypted anew. */
  readonly signed?: string;
  /** At how many places. */
  seen: number;
  /** How often a client is seen to present it. */
  presented: number;
  /** Whether a server is seen to issue it. */
  issued: boolean;
  first: Position;
  last: Position;
  /** Log by log, in the order in which they were read. */
  readonly uses: Use[];
  /** Who first presented it. */
  caller?: { readonly name: string; readonly position: Position };
  /** The first that is not `caller`. */
  otherCaller?: { readonly name: string; readonly position: Position };
  /** Where `x_info` beside it said something else than it does. */
  contradicted?: Position;
}

/** Where a handle stands in one log. */
export interface Use {
  first: Position;
  lastPresented?: Position;
  lastMentioned?: Position;
}

export interface Ledger {
  /** Remembers what stood in a log, in its order. Opens each different handle once, all of one call side by side. */
  add(sightings: readonly Sighting[]): Promise<void>;
  /** By the whole digest of the handle: somebody may have made two of one fingerprint. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** At how many places nothing tells how the handle stands there. */
  readonly untold: number;
  /** Where there were more different handles than are remembered. */
  readonly overflow: Position | undefined;
}

/** @param most how many different handles to remember */
export function createLedger(ring: Ring | undefined, most: number = MOST_HANDLES): Ledger {
  const entries = new Map<string, Entry>();
  let untold = 0;
  let overflow: Position | undefined;

  return {
    entries,
    get untold() {
      return untold;
    },
    get overflow() {
      return overflow;
    },
    async add(sightings) {
      const handles = new Map(sightings.map(({ found }) => [found.handle, found]));
      const digests = new Map(
        await Promise.all(Array.from(handles.keys(), async (handle) => [handle, await shortDigest(handle, DIGEST_LENGTH)] as const)),
      );
      const unknown = [...handles.values()].filter(({ handle }) => !entries.has(digests.get(handle) ?? ''));
      const opened = new Map(await Promise.all(unknown.map(async (found) => [found.handle, await open(found, ring)] as const)));

      for (const sighting of sightings) {
        const { handle, header, length } = sighting.found;
        const digest = digests.get(handle) ?? '';
        if (sighting.role === undefined) untold += 1;
        let entry = entries.get(digest);
        if (entry === undefined) {
          if (entries.size >= most) {
            overflow ??= sighting.position;
            continue;
          }
          const { position } = sighting;
          const { kid, zip } = header;
          const opening = opened.get(handle) ?? { outcome: 'not_opened' };
          entry = {
            fingerprint: digest.slice(0, FINGERPRINT_LENGTH),
            kid,
            length,
            compressed: zip !== undefined,
            ...opening,
            seen: 0,
            presented: 0,
            issued: false,
            first: position,
            last: position,
            uses: [],
          };
          entries.set(digest, entry);
        }
        note(entry, sighting);
      }
    },
  };
}

/** Bytes of SHA-256, and how many characters of it in base64url are a fingerprint. */
const DIGEST_LENGTH = 32;
const FINGERPRINT_LENGTH = 16;

/**
 * Opens a handle offline. Its own key may be long gone by now and still tells the truth; a revoked one does not, for
 * whoever stole it mints what he likes.
 */
async function open(found: FoundHandle, ring: Ring | undefined): Promise<Pick<Entry, 'outcome' | 'reason' | 'description' | 'signed'>> {
  if (ring === undefined) return { outcome: 'not_opened' };
  const key = ring.entries.find(({ kid }) => kid === found.header.kid);
  if (key === undefined) return { outcome: 'unknown_key' };
  if (key.revoked) return { outcome: 'revoked_key' };
  try {
    const { claims } = await authenticate(found.handle, () => key.opening, LONGEST_HANDLE);
    return { outcome: 'opened', description: descriptionOf(claims), signed: await digestOfSigned(key.kid, claims) };
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    return { outcome: 'altered', ...(error instanceof HandleRejected && { reason: error.reason }) };
  }
}

/** Ed25519 gives one signature for one text, so what is signed stands for both. Claims are read from canonical JSON, and written as they were. */
function digestOfSigned(kid: string, claims: Claims): Promise<string> {
  return shortDigest(`${kid} ${JSON.stringify(claims)}`, DIGEST_LENGTH);
}

function note(entry: Entry, { role, info, caller, position }: Sighting): void {
  entry.seen += 1;
  if (byAppearance(position, entry.first) < 0) entry.first = position;
  if (byAppearance(entry.last, position) < 0) entry.last = position;
  const use = useIn(entry, position);
  if (isBefore(position, use.first)) use.first = position;
  if (role === 'presented') {
    entry.presented += 1;
    use.lastPresented = later(use.lastPresented, position);
  }
  if (role === 'issued') entry.issued = true;
  if (role === 'mentioned' || role === undefined) use.lastMentioned = later(use.lastMentioned, position);
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

/** Logs are read one after the other, so that it is the last one, or none yet. */
function useIn(entry: Entry, position: Position): Use {
  const last = entry.uses.at(-1);
  if (last?.first.source === position.source) return last;
  const use: Use = { first: position };
  entry.uses.push(use);
  return use;
}

function later(known: Position | undefined, position: Position): Position {
  return known === undefined || isBefore(known, position) ? position : known;
}
