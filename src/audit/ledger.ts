/**
 * Remembers what the logs tell about each handle. A sighting is a handle at one place of a log. The ledger keeps
 * neither the handle itself nor its state.
 */
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
import type { Message } from './log/mention.ts';
import type { Role } from './log/roles.ts';
import { byAppearance, type First, firstOf, include, newFirst, type Position } from './order/order.ts';
import { createPairs } from './order/pairs.ts';
import { type Answer, type Call, createCallIds, type MessageRead, noteUse, type Use } from './uses.ts';

/** The limit for different handles. A handle takes about 600 bytes, and twice as much while a report is made. */
const MOST_HANDLES = 500_000;

/** A handle at one place in a log, and what the log tells about the handle there. */
export interface Sighting {
  readonly found: FoundHandle;
  /** Absent if the log does not tell the role. */
  readonly role?: Role | undefined;
  /** The value of `x_info` beside the handle, if the handle's member is named `x`. The value can have any type. */
  readonly info?: unknown;
  readonly caller?: string | undefined;
  /** The call around the handle. The ledger recognizes repeated calls by it. */
  readonly call?: Call | undefined;
  /** Whether the handle came in a stream. Some streams do not name the call. */
  readonly isStreamed?: boolean | undefined;
  /** The JSON-RPC message around the handle. */
  readonly message?: Message | undefined;
  /** Whether the reader put the handle together from pieces. */
  readonly isMended?: boolean | undefined;
  /** Whether the time of `position` has no name in the log. Such a time may be the deadline of the handle. */
  readonly isNameless?: boolean | undefined;
  readonly position: Position;
}

/** The outcome of opening a handle. Without a ring, every outcome is `not_opened`. */
export type OpeningOutcome = 'not_opened' | 'opened' | 'unknown_key' | 'revoked_key' | 'altered';

/** What the logs tell about one handle. */
export interface Entry {
  readonly fingerprint: string;
  readonly kid: string;
  readonly length: number;
  readonly compressed: boolean;
  readonly outcome: OpeningOutcome;
  /** Why the verifier refused the handle, if the outcome is `altered`. */
  readonly reason?: RejectionReason;
  /** From the claims if the handle was opened, otherwise from the values beside the handle in the log. */
  description?: HandleDescription;
  /** A digest of the signed claims. Two handles with one digest differ only in their encryption. */
  readonly signed?: string;
  /** The number of places at which the logs have the handle. */
  seen: number;
  /** How often the logs show that a client presented the handle. */
  presented: number;
  issued: boolean;
  readonly first: Position;
  last: Position;
  /** The first place in each log, in the order of reading. */
  readonly firsts: First[];
  /** The first uses and the last uses of the handle. The uses between them are not kept. */
  readonly uses: Use[];
  /** The first responses that issue the handle. */
  readonly answers: Answer[];
  /** The first caller named beside the handle. Responses do not count. */
  caller?: { readonly name: string; readonly position: Position };
  /** The first caller with another name. */
  otherCaller?: { readonly name: string; readonly position: Position };
  /** The first place at which the `x_info` beside the handle contradicts the handle. */
  contradicted?: Position;
}

const MOST_ANSWERS = 64;

/** How many requests are remembered until their responses arrive. */
const MOST_REQUESTS = 4096;

/** The handles that an audit has found, and their places. */
export interface Ledger {
  /** Takes sightings in the order of their log. Opens each different handle once. */
  add(sightings: readonly Sighting[]): Promise<void>;
  /**
   * The entries, by the whole digest of the handle. A fingerprint is no safe key, because somebody can make two handles
   * with one fingerprint.
   */
  readonly entries: ReadonlyMap<string, Entry>;
  /** The number of places at which the log does not tell whether the handle was presented or issued. */
  readonly untold: number;
  /** The number of places that repeat a call from another place of the logs. */
  readonly repeated: number;
  /**
   * The number of places with a handle that was put together from pieces and does not open. Such a handle is more
   * likely a mistake of the reader than a forgery.
   */
  readonly mismended: number;
  /** The place of the first handle that the ledger had no room for. Undefined if it had room for all. */
  readonly overflow: Position | undefined;
}

/**
 * Makes an empty ledger.
 *
 * @param ring the ring that opens the handles
 * @param most how many different handles to remember
 */
export function createLedger(ring: Ring | undefined, most: number = MOST_HANDLES): Ledger {
  const entries = new Map<string, Entry>();
  let [untold, repeated, mismended] = [0, 0, 0];
  let overflow: Position | undefined;
  const callIds = createCallIds();
  const notePair = createPairs();
  /** The digest of the last request for each log and each message id. */
  const requests = new Map<string, string>();

  /** Remembers a request. For a response, returns the digest of the request that it answers. */
  function requestOf({ id, digest }: MessageRead, { role, position }: Sighting): string | undefined {
    const name = `${position.source.index} ${id}`;
    if (role === 'issued') return requests.get(name);
    requests.delete(name);
    requests.set(name, digest);
    const [oldest] = requests.keys();
    if (requests.size > MOST_REQUESTS && oldest !== undefined) requests.delete(oldest);
    return undefined;
  }

  return {
    entries,
    get untold() {
      return untold;
    },
    get repeated() {
      return repeated;
    },
    get mismended() {
      return mismended;
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

      const messages = new Map(
        sightings.flatMap(({ message }) => (message === undefined ? [] : [[message, { id: message.id, digest: '' }]])),
      );
      await Promise.all(
        Array.from(messages, async ([message, read]) => {
          read.digest = await shortDigest(message.text, MESSAGE_DIGEST_LENGTH);
        }),
      );

      for (const seen of sightings) {
        const { handle, header, length } = seen.found;
        const digest = digests.get(handle) ?? '';
        const known = entries.get(digest) ?? opened.get(handle);
        const sighting = withoutDeadline(seen, known?.description);
        if (sighting.isMended && known?.outcome === 'altered') {
          mismended += 1;
          continue;
        }
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
            get first() {
              return this.firsts.map(firstOf).reduce((best, one) => (byAppearance(one, best) < 0 ? one : best));
            },
            last: position,
            firsts: [],
            uses: [],
            answers: [],
          };
          entries.set(digest, entry);
        }
        const message = sighting.message && messages.get(sighting.message);
        if (message !== undefined && (sighting.role === 'presented' || sighting.role === 'issued'))
          notePair(sighting.position.source, message, sighting.role === 'issued');
        const answer = message && { ...message, request: requestOf(message, sighting), source: sighting.position.source };
        const isCall = sighting.role === 'presented' && sighting.call !== undefined;
        const call = isCall ? callIds.withoutSharedId(sighting.call, digest, sighting.position) : sighting.call;
        if (!note(entry, { ...sighting, call }, answer)) repeated += 1;
        else if (sighting.role === undefined) untold += 1;
      }
    },
  };
}

/**
 * The lengths of digests, in bytes of SHA-256. A fingerprint is the beginning of a handle's digest in base64url, so its
 * length is in characters.
 */
const DIGEST_LENGTH = 32;
const MESSAGE_DIGEST_LENGTH = 18;
const FINGERPRINT_LENGTH = 16;

/**
 * Opens a handle, even if no server accepts its key any more. A revoked key opens nothing here: whoever stole it can
 * make any handle.
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

/**
 * The digest leaves out the signature, because a key of Ed25519 makes only one signature for a text. `JSON.stringify`
 * restores the signed text, because the claims were canonical JSON.
 */
function digestOfSigned(kid: string, claims: Claims): Promise<string> {
  return shortDigest(`${kid} ${JSON.stringify(claims)}`, DIGEST_LENGTH);
}

/** Removes a time that is the handle's deadline, as in a table with a column for deadlines. */
function withoutDeadline(sighting: Sighting, handle: HandleDescription | undefined): Sighting {
  const { isNameless, position } = sighting;
  const isDeadline = isNameless && position.time !== undefined && position.time === handle?.expiresAt;
  return isDeadline ? { ...sighting, position: { ...position, time: undefined, recorded: undefined } } : sighting;
}

/**
 * Adds a sighting to the entry of its handle.
 *
 * @returns false if the sighting only repeats a use of the handle
 */
function note(entry: Entry, { role, info, caller, call, isStreamed, position }: Sighting, message: Answer | undefined): boolean {
  entry.seen += 1;
  if (byAppearance(entry.last, position) < 0) entry.last = position;
  // Logs are read one after the other, so only the last element can belong to this log.
  const first = entry.firsts.at(-1);
  if (first?.inOrder.source === position.source) include(first, position);
  else entry.firsts.push(newFirst(position));
  if (role === 'issued') {
    entry.issued = true;
    const { answers } = entry;
    if (message !== undefined && answers.length < MOST_ANSWERS && !answers.some((answer) => isSameAnswer(answer, message)))
      answers.push(message);
  }
  const isNew = role === 'issued' || noteUse(entry.uses, { presented: role === 'presented', call, isStreamed, request: message }, position);
  if (isNew && role === 'presented') entry.presented += 1;
  // Whoever receives a handle may pass it on, as delegation intends. So a caller beside a response does not count.
  if (caller !== undefined && role !== 'issued') {
    entry.caller ??= { name: caller, position };
    if (entry.caller.name !== caller) entry.otherCaller ??= { name: caller, position };
  }
  if (info === undefined) return isNew;
  if (entry.outcome === 'not_opened') {
    const description = entry.description ?? readHandleInfo(info);
    if (description !== undefined) entry.description = description;
  } else if (entry.description !== undefined && contradicts(info, entry.description)) entry.contradicted ??= position;
  return isNew;
}

function isSameAnswer(one: Answer, other: Answer): boolean {
  return one.digest === other.digest && one.request === other.request;
}

/** Tells whether `x_info` contradicts the handle beside it. A missing member contradicts nothing. */
export function contradicts(info: unknown, handle: HandleDescription): boolean {
  if (typeof info !== 'object' || info === null) return false;
  const truth = { rights: undefined, ...writeHandleInfo(handle) };
  const said = info as Readonly<Record<string, unknown>>;
  return Object.entries(truth).some(([name, value]) => Object.hasOwn(said, name) && !isSame(said[name], value));
}

function isSame(said: unknown, value: unknown): boolean {
  if (!Array.isArray(value)) return said === value;
  return Array.isArray(said) && said.length === value.length && value.every((item, at) => item === said[at]);
}
