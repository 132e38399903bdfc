/**
 * Remembers each different handle of the logs once, with its places in the logs. A sighting is a handle at one of these
 * places. The ledger never keeps the handle itself or its state.
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
import { byAppearance, type First, firstOf, include, newFirst, type Position } from './order.ts';
import { type Answer, type Call, createCallIds, type MessageRead, noteUse, type Use } from './uses.ts';

/**
 * How many different handles are remembered. Each handle takes about 600 bytes, and twice as much while a report is
 * made.
 */
const MOST_HANDLES = 500_000;

/** A handle at one place in a log, and what the log tells about the handle there. */
export interface Sighting {
  readonly found: FoundHandle;
  /** Whether the handle was presented, issued or only mentioned here. Absent if the log does not tell. */
  readonly role?: Role | undefined;
  /** The value of `x_info` beside the handle. This value may have any type. */
  readonly info?: unknown;
  readonly caller?: string | undefined;
  /** The call that the handle belongs to. With it, the ledger recognizes calls that the logs repeat. */
  readonly call?: Call | undefined;
  /** Whether the handle stands in a stream. Some streams do not name the call. */
  readonly isStreamed?: boolean | undefined;
  /** The JSON-RPC message that the handle belongs to. */
  readonly message?: Message | undefined;
  /** Whether the log contains the handle in pieces, which the reader put together. */
  readonly isMended?: boolean | undefined;
  /** Whether the log gives no name to the time of this position. Such a time may be the deadline of the handle. */
  readonly isNameless?: boolean | undefined;
  readonly position: Position;
}

/** The outcome of opening a handle. Without a ring, every outcome is `not_opened`. */
export type OpeningOutcome = 'not_opened' | 'opened' | 'unknown_key' | 'revoked_key' | 'altered';

/** The ledger's entry for one handle. */
export interface Entry {
  readonly fingerprint: string;
  readonly kid: string;
  readonly length: number;
  readonly compressed: boolean;
  readonly outcome: OpeningOutcome;
  /** Why the verifier refused the handle, if the outcome is `altered`. */
  readonly reason?: RejectionReason;
  /**
   * The description of the handle. If the handle was opened, its claims give the description; otherwise the values
   * beside the handle in the log do. Absent if neither describes the handle.
   */
  description?: HandleDescription;
  /**
   * A digest of the signed claims of an opened handle. If two handles have the same digest, one is a copy of the other
   * that was encrypted anew.
   */
  readonly signed?: string;
  /** The number of places at which the logs have the handle. */
  seen: number;
  /** How often the logs show that a client presented the handle. */
  presented: number;
  /** Whether the logs show that a server issued the handle. */
  issued: boolean;
  readonly first: Position;
  last: Position;
  /** The first place of the handle in each log, in the order in which the logs were read. */
  readonly firsts: First[];
  /** The first uses and the last uses of the handle. The uses between them are not kept. */
  readonly uses: Use[];
  /** The first responses that issue the handle. */
  readonly answers: Answer[];
  /** The first caller that the logs name beside the handle. Callers of responses do not count. */
  caller?: { readonly name: string; readonly position: Position };
  /** The first caller beside the handle whose name differs from `caller`. */
  otherCaller?: { readonly name: string; readonly position: Position };
  /** The first place at which the `x_info` beside the handle contradicts the handle. */
  contradicted?: Position;
}

/** How many responses are kept for each handle. */
const MOST_ANSWERS = 64;

/** How many requests are remembered until their responses arrive. */
const MOST_REQUESTS = 4096;

/** The handles that an audit has found, and their places. */
export interface Ledger {
  /**
   * Remembers sightings, which must be in the order of their log. Opens each different handle once, and opens the
   * handles of one call of `add` in parallel.
   */
  add(sightings: readonly Sighting[]): Promise<void>;
  /**
   * The entries. The key of each entry is the whole digest of its handle. A fingerprint would not be safe as a key,
   * because somebody can make two handles with the same fingerprint.
   */
  readonly entries: ReadonlyMap<string, Entry>;
  /** The number of places at which the log does not tell whether the handle was presented or issued. */
  readonly untold: number;
  /** The number of places that only repeat a call, because the logs also contain this call at another place. */
  readonly repeated: number;
  /**
   * The number of places at which the reader put a handle together from pieces, but the key of this handle does not
   * open it. Such a handle is more likely a mistake of the reader than a forgery.
   */
  readonly mismended: number;
  /**
   * The place of the first handle that was left out because the ledger was full. Undefined if every handle was
   * remembered.
   */
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
  /** The digest of the last request for each log and each message id. */
  const requests = new Map<string, string>();

  /**
   * Remembers a request, or finds the request that a response answers.
   *
   * @returns the digest of the request that the message answers; undefined for a request
   */
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
        const answer = message && { ...message, request: requestOf(message, sighting), source: sighting.position.source };
        const isCall = sighting.role === 'presented' && sighting.call !== undefined;
        const call = isCall ? callIds.told(sighting.call, digest, sighting.position) : sighting.call;
        if (!note(entry, { ...sighting, call }, answer)) repeated += 1;
        else if (sighting.role === undefined) untold += 1;
      }
    },
  };
}

/**
 * The lengths of the digests of a handle and of a message, in bytes, and the length of a fingerprint, in characters of
 * base64url. The digest of a handle is the whole SHA-256. A fingerprint is the beginning of this digest.
 */
const DIGEST_LENGTH = 32;
const MESSAGE_DIGEST_LENGTH = 18;
const FINGERPRINT_LENGTH = 16;

/**
 * Opens a handle offline, even if its key is gone, so that no server accepts the key any more. The audit does not open
 * a handle whose key is revoked, because whoever stole that key can make any handle.
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
 * Makes a digest of signed claims. Ed25519 makes only one signature for a text, so the digest needs only the claims and
 * not the signature. The claims come from canonical JSON, so `JSON.stringify` writes the same text again.
 */
function digestOfSigned(kid: string, claims: Claims): Promise<string> {
  return shortDigest(`${kid} ${JSON.stringify(claims)}`, DIGEST_LENGTH);
}

/**
 * Removes the time of a sighting if this time is the deadline of the handle, as in a table with a column for deadlines.
 */
function withoutDeadline(sighting: Sighting, handle: HandleDescription | undefined): Sighting {
  const { isNameless, position } = sighting;
  const isDeadline = isNameless && position.time !== undefined && position.time === handle?.expiresAt;
  return isDeadline ? { ...sighting, position: { ...position, time: undefined } } : sighting;
}

/**
 * Adds a sighting to the entry of its handle.
 *
 * @returns false if the sighting only repeats a use of the handle
 */
function note(entry: Entry, { role, info, caller, call, isStreamed, position }: Sighting, message: Answer | undefined): boolean {
  entry.seen += 1;
  if (byAppearance(entry.last, position) < 0) entry.last = position;
  // Logs are read one after the other, so only the last element of `firsts` can belong to the log that is being read.
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
  // The caller that receives a handle may pass the handle on, as delegation intends. So the callers of responses do not
  // count.
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

/**
 * Tells whether a value of `x_info` contradicts the handle beside it. A member that is missing from `x_info` is no
 * contradiction.
 */
export function contradicts(info: unknown, handle: HandleDescription): boolean {
  if (typeof info !== 'object' || info === null) return false;
  const truth = { rights: undefined, ...writeHandleInfo(handle) };
  const said = info as Readonly<Record<string, unknown>>;
  return Object.entries(truth).some(([name, value]) => Object.hasOwn(said, name) && !isSame(said[name], value));
}

/**
 * Compares a value of `x_info` with a value from the claims.
 *
 * @param value a primitive value or a list of primitive values
 */
function isSame(said: unknown, value: unknown): boolean {
  if (!Array.isArray(value)) return said === value;
  return Array.isArray(said) && said.length === value.length && value.every((item, at) => item === said[at]);
}
