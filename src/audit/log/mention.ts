/**
 * Describes a mention: a handle at one place of a log, and what the log tells about the handle there. Several values
 * may surround the handle. The innermost value that tells something counts.
 */
import type { FoundHandle } from '../../scan/index.ts';
import type { PackedText } from '../packed.ts';
import type { Seat } from '../uses.ts';
import { type Branch, isApart } from './members.ts';
import type { StreamPiece } from './pieces/deltas.ts';
import type { Role } from './roles.ts';
import type { Recorded } from './times.ts';

/** A request or a response of JSON-RPC. */
export interface Message {
  /** The id of the message, written as JSON. */
  readonly id: string;
  readonly text: string;
}

/** Describes where the time of a mention comes from. All mentions of one record share one object. */
export interface Teller {
  /**
   * Whether the name of the time is weak. A weak name, such as `created_at`, may name the time of a thing in the
   * record, and not the time of the record itself.
   */
  isWeak: boolean;
  /**
   * Whether the time has no name, as in a line of plain words or in a row of a table. Such a time may be a deadline.
   */
  readonly isNameless: boolean;
  /** The duration of the event that the record describes, in seconds; 0 if the duration is unknown. */
  readonly took: number;
}

/** A handle at one place of a log, with what the log tells about the handle there. */
export interface Mention {
  /** What was found: a handle, a compressed text that may contain handles, or a piece of a stream. */
  readonly found: FoundHandle | PackedText | StreamPiece;
  /** The name of the member around the mention, in the object that is being read. */
  member: string | undefined;
  /** Whether the mention is the whole value of `member`. */
  isWhole: boolean;
  /** The line of the log, from 1. */
  readonly line: number;
  /** The number of the place that the mention belongs to: a line, an element of an array, or a message. */
  place: number;
  /** Whether the handle was presented, issued or only mentioned here. Absent if the log does not tell. */
  role?: Role | undefined;
  /**
   * The value of the member `<member>_info` beside the handle, for example `handle_info` beside `handle`. This value
   * may have any type.
   */
  info?: unknown;
  /** The time of the innermost record that contains the mention and has a time, in seconds since 1970. */
  time?: number | undefined;
  /** The time of the record, with or without a zone, in seconds. This time only shows the direction of the log. */
  recorded?: Recorded | undefined;
  /** Where `time` and `recorded` come from. */
  teller?: Teller | undefined;
  /** The caller that the innermost record names. */
  caller?: string | undefined;
  /** The id of the call that the mention belongs to. Empty if the call stands in a chat and has no id. */
  call?: string | undefined;
  /** The name of the tool that the call is for. */
  tool?: string | undefined;
  /** The seat of the call: its position in a chat. */
  seat?: Seat | undefined;
  /** The session that the innermost record names. */
  session?: string | undefined;
  /** The members around the mention that belong to objects whose members have no known order. */
  branches?: readonly Branch[] | undefined;
  /**
   * The second id of the call. In the answer of a model's API, the call and the item that contains the call may have
   * different ids.
   */
  alias?: string | undefined;
  /** The name of the stream. Present only if the mention is a piece of a stream. */
  stream?: string | undefined;
  /** Whether the handle stood in a stream, whose pieces the reader put together. */
  isStreamed?: boolean | undefined;
  /** The JSON-RPC message that the mention belongs to. */
  message?: Message | undefined;
  /**
   * The number of the element that contains the mention in the array around it, from 0. Elements that are neither
   * objects nor arrays are not counted.
   */
  element?: number;
  /** Whether the log contains the handle in pieces, which the reader put together. */
  isMended?: boolean | undefined;
}

const STRENGTH: Record<Role, number> = { mentioned: 1, issued: 2, presented: 3 };

/**
 * Merges the mentions of a handle at one place. A mention without a role and without a time also merges with a mention
 * at another place of the same object, because clients write the result of a tool twice: once in a message, and once in
 * their own format.
 */
export function merged(mentions: readonly Mention[]): Mention[] {
  const kept: Mention[] = [];
  const byHandle = new Map<string | object, number>();
  for (const mention of mentions) {
    const handle = 'handle' in mention.found ? mention.found.handle : mention.found;
    const at = byHandle.get(handle);
    const before = at === undefined ? undefined : kept[at];
    const one = before && mergedPair(before, mention);
    if (at !== undefined && one !== undefined) kept[at] = one;
    else {
      byHandle.set(handle, kept.length);
      kept.push(mention);
    }
  }
  return kept;
}

function mergedPair(one: Mention, other: Mention): Mention | undefined {
  const isSamePlace = one.place === other.place && (one.time === other.time || one.time === undefined || other.time === undefined);
  if (!(isSamePlace || isUntold(one) || isUntold(other)) || isOtherCall(one, other)) return undefined;
  if (one.info !== undefined && other.info !== undefined && JSON.stringify(one.info) !== JSON.stringify(other.info)) return undefined;
  const [stronger, weaker] = strengthOf(other) > strengthOf(one) ? [other, one] : [one, other];
  const { teller } = stronger.time === undefined && weaker.teller !== undefined ? weaker : stronger;
  return { ...filled(stronger, weaker, MERGED), teller };
}

/** The members that a mention may take over from another mention of the same handle when both merge. */
const MERGED = ['info', 'time', 'caller', 'call', 'recorded', 'message', 'seat', 'session', 'alias', 'tool'] as const;

/** Returns a mention whose missing members come from another mention. */
export function filled<One extends Mention>(one: One, other: Mention, members: readonly (keyof Mention)[]): One {
  const missing = members.filter((member) => one[member] === undefined).map((member) => [member, other[member]]);
  return { ...one, ...Object.fromEntries(missing) };
}

/**
 * Tells whether two mentions are requests of different calls: they stand in different members of an object whose
 * members have no known order, and nothing shows that both belong to one call.
 */
function isOtherCall(one: Mention, other: Mention): boolean {
  if (one.role !== 'presented' || other.role !== 'presented' || !isApart(one, other)) return false;
  const [call, otherCall] = [one, other].map(({ call, message }) => call ?? message?.text);
  return call === undefined || call !== otherCall;
}

function isUntold({ role, time }: Mention): boolean {
  return role === undefined && time === undefined;
}

function strengthOf({ role }: Mention): number {
  return role === undefined ? 0 : STRENGTH[role];
}
