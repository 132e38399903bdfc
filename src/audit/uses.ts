/**
 * Distinguishes a new use of a handle from a repetition in the logs. Repetitions are frequent. A client sends the calls
 * of a chat again with every request, and several programs log one message.
 */
import type { Phase } from './log/roles.ts';
import { type First, include, newFirst, type Position, SKEW, type Source } from './order/order.ts';

export interface MessageRead {
  readonly id: string;
  readonly digest: string;
}

export interface Answer extends MessageRead {
  /**
   * The digest of the request that this response answers. Clients use ids again, so several requests may have the id of
   * the response; the last one before the response counts.
   */
  readonly request: string | undefined;
  readonly source: Source;
}

/** A model's call of a tool, as a log describes it. */
export interface Call {
  /** Empty if the call has no id. Then only the seat identifies the call. */
  readonly id: string;
  /** The second id of the call, if it has two. */
  readonly alias?: string | undefined;
  readonly tool?: string | undefined;
  /** Whether only the begin or only the end of the call was seen. Absent if both were seen, or the log does not tell. */
  readonly phase?: Phase | undefined;
  readonly session?: string | undefined;
  /** The seat of the call: its position in the chat that a client sends with every request. */
  readonly seat?: Seat | undefined;
}

/** The position of a message in a chat. */
export interface Seat {
  /** A number that identifies the array of messages. */
  readonly chat: number;
  /** The name of the array, and the number of the message in the array. */
  readonly at: string;
}

/** A use of a handle: a log says that the handle was presented, or mentions it. */
export interface Use {
  readonly presented: boolean;
  call?: Call | undefined;
  /** Whether the handle was in a streamed response. Some of these do not name the call, and `call` is then absent. */
  readonly isStreamed?: boolean | undefined;
  readonly request?: MessageRead | undefined;
  /**
   * Whether this use only repeats an earlier use. `perhaps` means that it may also be another call or request. Absent
   * for a new use.
   */
  repeats?: 'surely' | 'perhaps' | undefined;
  readonly first: First;
  /** The last time at which the use was logged, in seconds since 1970. */
  time: number | undefined;
}

/**
 * How many uses of a handle are kept: the first uses, and {@link LAST_USES} late uses. One of the late uses is the last
 * certain presentation.
 */
const MOST_USES = 64;
const LAST_USES = 2;

/**
 * Notes a use of a handle beside the handle's earlier uses.
 *
 * @returns false if the use repeats an earlier use, or may repeat one
 */
export function noteUse(uses: Use[], use: Pick<Use, 'presented' | 'call' | 'isStreamed' | 'request'>, position: Position): boolean {
  const { time } = position;
  const known = use.call && sameCall(uses, use.call, use.presented, position);
  if (known !== undefined) {
    include(known.first, position);
    [known.time, known.call] = [time ?? known.time, joined(known.call, use.call as Call)];
    return false;
  }
  const repeats = repetitionOf(uses, use, time);
  const noted: Use = { ...use, repeats, first: newFirst(position), time };
  if (repeats !== undefined) makeEarliestNew(uses, noted);
  uses.push(noted);
  if (uses.length > MOST_USES) leaveOutOne(uses);
  return repeats === undefined;
}

/** Joins what two records tell about one call. A call whose begin and end were both seen has no phase. */
function joined(known: Call | undefined, call: Call): Call {
  const isWhole = known?.phase !== undefined && known.phase !== call.phase;
  return { ...known, ...call, ...(isWhole && { phase: undefined }) };
}

/** Of several copies of one request, the earliest counts as a new use, even if another copy was read first. */
function makeEarliestNew(uses: readonly Use[], noted: Use): void {
  const { request, first, repeats } = noted;
  const other = request && uses.find((use) => use.request?.digest === request.digest && use.repeats === undefined);
  const [time, otherTime] = [first.inOrder.time, other?.first.inOrder.time];
  if (other !== undefined && time !== undefined && otherTime !== undefined && time < otherTime)
    [noted.repeats, other.repeats] = [undefined, repeats];
}

/**
 * Removes one of the last uses. The latest uses stay, because a late use is more likely to be a replay than an earlier
 * one.
 */
function leaveOutOne(uses: Use[]): void {
  const others = uses.splice(MOST_USES - LAST_USES);
  const clear = latestOf(others.filter(({ presented, repeats }) => presented && repeats === undefined));
  const latest = latestOf(others.filter((use) => use !== clear));
  const another = clear ?? latestOf(others.filter((use) => use !== latest));
  uses.push(...others.filter((use) => use === another || use === latest));
}

/** Returns the use with the latest time. If a time is missing, the use that was read later counts. */
function latestOf(uses: readonly Use[]): Use | undefined {
  const isLater = (one: Use, other: Use) => one.time === undefined || other.time === undefined || one.time >= other.time;
  return uses.reduce<Use | undefined>((latest, use) => (latest === undefined || isLater(use, latest) ? use : latest), undefined);
}

/** Returns the earlier use of the call, if there is one. */
function sameCall(uses: readonly Use[], call: Call, presented: boolean, { source, time }: Position): Use | undefined {
  const same = usesOf(uses, call).filter((use) => use.presented === presented);
  // The call may be the whole of a stream that names no call. A chat can repeat such a call at any later time. Other
  // logs write the whole call shortly after its stream.
  const streamed = uses.find((use) => isNamelessStream(use, presented) && (call.seat !== undefined || isSameMoment(use.time, time)));
  if (!isWeak(call.id)) return same[0] ?? streamed;
  // A client that numbers its calls anew in each run uses an id again, but each run writes one begin and one end.
  // In a log that begins with its newest line, the end comes before the begin.
  const isBackwards = source.backwards > source.forwards || source.answersFirst > source.requestsFirst;
  const [before, after] = isBackwards ? ['ended', 'begun'] : ['begun', 'ended'];
  const otherHalf = call.phase === after && same.findLast((use) => use.call?.phase === before);
  if (otherHalf) return otherHalf;
  const { seat } = call;
  const known = seat === undefined ? same.find((use) => isSameMoment(use.time, time)) : same.find((use) => use.call?.seat?.at === seat.at);
  return known ?? streamed ?? (seat && same.find((use) => use.call?.seat === undefined));
}

function isNamelessStream(use: Use, presented: boolean): boolean {
  return use.isStreamed === true && use.call === undefined && use.presented === presented;
}

function repetitionOf(
  uses: readonly Use[],
  { call, request, presented }: Pick<Use, 'call' | 'request' | 'presented'>,
  time: number | undefined,
): Use['repeats'] {
  const logged = request && uses.filter((use) => use.request?.digest === request.digest);
  if (logged !== undefined && logged.length > 0) return logged.some((use) => isSameMoment(use.time, time)) ? 'surely' : 'perhaps';
  // A program may log the stream of a call and, long after it, the whole call as a summary. But if the stream names no
  // call, the whole call may also be another call.
  if (call !== undefined && uses.some((use) => isNamelessStream(use, presented))) return 'perhaps';
  const seat = call?.seat;
  if (seat === undefined) return undefined;
  // If a client removes the first messages of a long chat, all other messages get new seats. So a call with the same id
  // and another seat may be the same call.
  const others = usesOf(uses, call as Call);
  return others.length > 0 && others.every((use) => use.call?.seat?.chat !== seat.chat) ? 'perhaps' : undefined;
}

function usesOf(uses: readonly Use[], { id, alias, session }: Call): Use[] {
  return uses.filter(({ call }) => call !== undefined && isSameId(call, id, alias) && (!isWeak(id) || call.session === session));
}

function isSameId(call: Call, id: string, alias: string | undefined): boolean {
  return call.id === id || call.alias === id || (alias !== undefined && call.id === alias);
}

function isSameMoment(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && Math.abs(one - other) < SKEW;
}

/** Matches a part that makes an id rare: letters mixed with digits, or a long number. */
const RARE = /(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{8,}|[1-9]\d{8,}/;

/**
 * Tells whether other calls are likely to have this id. Some programs only number their calls: `call_0`,
 * `functions.get_task_status:1`.
 */
function isWeak(id: string): boolean {
  return !RARE.test(id);
}

/**
 * Finds ids that do not identify one call. Some logs write the id of an agent, a tool or a server in the place of a
 * call's id.
 */
export interface CallIds {
  /**
   * Returns the call. Leaves out the call's id if a call of another tool, or with another handle, has the same id.
   * Returns undefined if the call then has neither an id nor a seat.
   *
   * @param handle a digest of the handle that the use presents
   */
  withoutSharedId(call: Call, handle: string, position: Position): Call | undefined;
}

const MOST_IDS = 16_384;

/** How many handles are remembered for an id. */
const MOST_PRESENTED = 16;

/** The tool and the handles of all calls that share an id. */
interface CallInput {
  tool: string | undefined;
  readonly handles: Set<string>;
  /** The place of the first call with this id. */
  readonly place: number;
  isShared: boolean;
}

export function createCallIds(): CallIds {
  const inputs = new Map<string, CallInput>();
  return {
    withoutSharedId(call, handle, { place }) {
      const { id, seat } = call;
      if (isWeak(id)) return call;
      const { tool } = call;
      const input = inputs.get(id) ?? { tool, handles: new Set(), place, isShared: false };
      const hasOtherHandle = input.handles.size < MOST_PRESENTED && input.place !== place && !input.handles.has(handle);
      const hasOtherTool = tool !== undefined && input.tool !== undefined && !isSameTool(tool, input.tool);
      input.isShared ||= hasOtherHandle || hasOtherTool;
      if (input.handles.size < MOST_PRESENTED) input.handles.add(handle);
      input.tool ??= tool;
      inputs.delete(id);
      inputs.set(id, input);
      const [oldest] = inputs.keys();
      if (inputs.size > MOST_IDS && oldest !== undefined) inputs.delete(oldest);
      if (!input.isShared) return call;
      return seat === undefined ? undefined : { seat, session: call.session, id: '' };
    },
  };
}

/** Clients and the APIs of models may put the server's name before the tool's name. */
function isSameTool(one: string, other: string): boolean {
  return one.endsWith(other) || other.endsWith(one);
}
