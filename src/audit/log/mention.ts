/**
 * Describes a mention: a handle at one place of a log, and what the values around it tell. If several of the objects
 * around the handle have a value, the value of the innermost object counts.
 */
import type { FoundHandle } from '../../scan/index.ts';
import type { PackedText } from '../packed.ts';
import type { Seat } from '../uses.ts';
import { areInDifferentBranches, type Branch } from './members.ts';
import type { StreamPiece } from './pieces/deltas.ts';
import type { Phase, Role } from './roles.ts';
import type { Recorded } from './times/times.ts';

/** A request or a response of JSON-RPC. */
export interface Message {
  /** The id of the message, written as JSON. */
  readonly id: string;
  readonly text: string;
}

/** Describes where the time of a mention comes from. All mentions of one record share one object. */
export interface TimeOrigin {
  /** A weak name, such as `created_at`, may belong to a thing in the record, and not to the record itself. */
  isWeak: boolean;
  /**
   * Whether the time has no name, as in a line of plain words or in a row of a table. Such a time may be a deadline.
   */
  readonly isNameless: boolean;
  /** The duration of the event that the record describes, in seconds; 0 if the duration is unknown. */
  readonly took: number;
}

export interface Mention {
  /** What was found: a handle, a compressed text that may contain handles, or a piece of a stream. */
  readonly found: FoundHandle | PackedText | StreamPiece;
  /**
   * The name of the member that contains the mention, in the object that is being read. When the reader leaves the
   * object, this becomes the name of a member of the outer object.
   */
  member: string | undefined;
  /** Whether the mention is the whole value of `member`. */
  isWhole: boolean;
  /** The name of the attribute with the mention, in a list of attributes that are objects. */
  attribute?: string | undefined;
  /** The line of the log, from 1. */
  readonly line: number;
  /** The number of the place that the mention belongs to: a line, an element of an array, or a message. */
  place: number;
  /** Absent if the log does not tell the role. */
  role?: Role | undefined;
  /** The value of the member `<member>_info` beside the handle, of any type. */
  info?: unknown;
  /** The time of the innermost record with a time, in seconds since 1970. */
  time?: number | undefined;
  /**
   * The record's time, with or without a zone, in seconds. The audit compares it with the previous record's time, to
   * see whether the clock went forwards, stood still, or was set back.
   */
  recorded?: Recorded | undefined;
  timeOrigin?: TimeOrigin | undefined;
  caller?: string | undefined;
  /** The id of the call around the mention. Empty if the call is in a chat and has no id. */
  call?: string | undefined;
  tool?: string | undefined;
  phase?: Phase | undefined;
  /** The place of the call in a chat: the chat, and the number of the message in it. It identifies a call without an id. */
  seat?: Seat | undefined;
  session?: string | undefined;
  /** The members that contain the mention, in each object whose order of members is unknown: see {@link Branch}. */
  branches?: readonly Branch[] | undefined;
  /** The second id of the call: the `id`, where the answer of a model's API has an `id` beside the `call_id`. */
  alias?: string | undefined;
  /** The name of the stream. Present only if the mention is a piece of a stream. */
  stream?: string | undefined;
  /** Whether the handle came in a stream. */
  isStreamed?: boolean | undefined;
  message?: Message | undefined;
  /**
   * The index of the array element that contains the mention. Elements that are neither objects nor arrays do not
   * count, so the index may be lower than in the array.
   */
  element?: number;
  /** Whether the reader put the handle together from pieces. */
  isMended?: boolean | undefined;
}

const STRENGTH: Record<Role, number> = { mentioned: 1, issued: 2, presented: 3 };

/**
 * Merges the mentions of a handle that have the same place. A mention without a role and a time also merges with a
 * mention at another place, because clients write a tool's result twice: in a message, and in their own format.
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
  if (!(isSamePlace || isUnplaced(one) || isUnplaced(other)) || isOtherCall(one, other)) return undefined;
  if (one.info !== undefined && other.info !== undefined && JSON.stringify(one.info) !== JSON.stringify(other.info)) return undefined;
  const [stronger, weaker] = strengthOf(other) > strengthOf(one) ? [other, one] : [one, other];
  const { timeOrigin } = stronger.time === undefined && weaker.timeOrigin !== undefined ? weaker : stronger;
  return { ...filled(stronger, weaker, MERGED), timeOrigin };
}

/** What a mention takes over from another mention when both merge. */
const MERGED = ['info', 'time', 'caller', 'call', 'recorded', 'message', 'seat', 'session', 'alias', 'tool', 'phase'] as const;

/** Returns a mention whose missing members come from another mention. */
export function filled<One extends Mention>(one: One, other: Mention, members: readonly (keyof Mention)[]): One {
  const missing = members.filter((member) => one[member] === undefined).map((member) => [member, other[member]]);
  return { ...one, ...Object.fromEntries(missing) };
}

/**
 * Tells whether two mentions are requests of different calls: their branches differ, and nothing shows that they are
 * one call.
 */
function isOtherCall(one: Mention, other: Mention): boolean {
  if (one.role !== 'presented' || other.role !== 'presented' || !areInDifferentBranches(one, other)) return false;
  const [call, otherCall] = [one, other].map(({ call, message }) => call ?? message?.text);
  return call === undefined || call !== otherCall;
}

function isUnplaced({ role, time }: Mention): boolean {
  return role === undefined && time === undefined;
}

function strengthOf({ role }: Mention): number {
  return role === undefined ? 0 : STRENGTH[role];
}
