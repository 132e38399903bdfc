/** A handle in a log, and what the log tells about it. The values around the handle are asked from the innermost to the outermost. */
import type { FoundHandle } from '../../scan/index.ts';
import type { PackedText } from '../packed.ts';
import type { Seat } from '../uses.ts';
import { type Branch, isApart } from './members.ts';
import type { StreamPiece } from './pieces/deltas.ts';
import type { Role } from './roles.ts';
import type { Recorded } from './times.ts';

/** A request or a response of JSON-RPC. */
export interface Message {
  /** Its id, as JSON. */
  readonly id: string;
  readonly text: string;
}

/** Describes the source of a mention's time. All mentions of one record share one object. */
export interface Teller {
  /** Whether the name of the time is weak: it may be the time of a thing in the record, as `created_at` of a job. */
  isWeak: boolean;
  /** Whether the time has no name, as in a line of words or in a row of a table. Such a time may be a deadline. */
  readonly isNameless: boolean;
  /** The duration of the event that the record tells of, in seconds; 0 if it is unknown. */
  readonly took: number;
}

export interface Mention {
  /** The handle, a compressed text in which handles may stand, or a piece of a stream. */
  readonly found: FoundHandle | PackedText | StreamPiece;
  /** The member around the mention, in the object that is being read. */
  member: string | undefined;
  /** Whether the mention is the whole value of that member. */
  isWhole: boolean;
  /** The line of the log, from 1. */
  readonly line: number;
  /** The number of the thing that the mention belongs to: a line, an element of an array, or a message. */
  place: number;
  /** Absent if the log does not tell. */
  role?: Role | undefined;
  /** The value of `x_info` beside the handle. It may be of any type. */
  info?: unknown;
  /** The time of the nearest record around it that has a time: seconds since 1970. */
  time?: number | undefined;
  /** The time of the record, with or without a zone, in seconds. This time only tells the direction of a log. */
  recorded?: Recorded | undefined;
  /** The source of these times. */
  teller?: Teller | undefined;
  /** The caller that the nearest record names. */
  caller?: string | undefined;
  /** The id of the call that the mention belongs to; empty for a message of a chat whose call has no id. */
  call?: string | undefined;
  /** The tool of that call. */
  tool?: string | undefined;
  /** The place of that call in a chat. */
  seat?: Seat | undefined;
  /** The session that the nearest record names. */
  session?: string | undefined;
  /** The members around the mention, of objects whose members have no known order. */
  branches?: readonly Branch[] | undefined;
  /** Another id of that call: a model's API also names the item of its answer. */
  alias?: string | undefined;
  /** The name of the stream, if the mention is a piece of a stream. */
  stream?: string | undefined;
  /** Whether the handle stood in a stream, whose pieces the reader put together. */
  isStreamed?: boolean | undefined;
  /** The JSON-RPC message that the mention belongs to. */
  message?: Message | undefined;
  /** The number of the element around the mention, in the array or object that was read last, from 0. */
  element?: number;
  /** Whether the log has the handle in pieces, which the reader put together. */
  isMended?: boolean | undefined;
}

const STRENGTH: Record<Role, number> = { mentioned: 1, issued: 2, presented: 3 };

/**
 * Merges the mentions of a handle at one place. A mention with neither a role nor a time also merges with a mention at
 * another place of the same object, because clients write a tool's result twice: as a message and for themselves.
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

/** The members that one mention of a handle may take over from another mention with which it merges. */
const MERGED = ['info', 'time', 'caller', 'call', 'recorded', 'message', 'seat', 'session', 'alias', 'tool'] as const;

/** Fills the members that a mention lacks with those of another mention. */
export function filled<One extends Mention>(one: One, other: Mention, members: readonly (keyof Mention)[]): One {
  const missing = members.filter((member) => one[member] === undefined).map((member) => [member, other[member]]);
  return { ...one, ...Object.fromEntries(missing) };
}

/** Whether two requests stand in different members of an object whose members have no known order. */
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
