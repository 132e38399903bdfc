/** Orders what stands in logs: by the clock, and within one log also by its own order. Between logs only the clock tells the order. */
import { type Branch, isApart } from './log/members.ts';

/** A log. */
export interface Source {
  /** Its name in the report. */
  readonly name: string;
  /** The number of logs that were named before it. Only lists use it. */
  readonly index: number;
  /** How often the clock goes forwards and backwards from one record with handles to the next. Answers to queries may begin with the newest line. */
  forwards: number;
  backwards: number;
  /** Whether its dates can be read in two ways. Such a log has the order of its lines only if the clock tells so. */
  hasUnclearDates?: boolean;
}

/** A line of a log. */
export interface LogPosition {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** Seconds since 1970, if the log tells. */
  readonly time?: number;
}

/** The position of something that has a place in a row: a line, a message, or an element of an array. */
export interface Position {
  readonly source: Source;
  readonly line: number;
  readonly time?: number | undefined;
  /** How many such things stand before it in all logs. The parts of a compressed text have fractions between two numbers. */
  readonly place: number;
  /** The number of its record. A log that begins with its newest record still has the parts of each record in their order. */
  readonly record: number;
  /** The members in which it stands, of objects whose members have no known order. */
  readonly branches?: readonly Branch[] | undefined;
}

/** How many steps of the clock tell that a log goes backwards, and how many times more they must be than steps in the other direction. */
const FEWEST_STEPS = 3;
const CLEAR_MAJORITY = 3;

/** How much the clocks of two logs may differ, in seconds. */
export const SKEW = 1;

/** Whether it is known that one came before the other. */
export function isBefore(one: Position, other: Position): boolean {
  if (one.time !== undefined && other.time !== undefined && one.time !== other.time) return one.time < other.time;
  if (one.source !== other.source) return false;
  return compare(one, other, isReversed(one.source) ? -1 : 1) < 0;
}

/** Whether a log begins with its newest line. */
export function isReversed({ forwards, backwards }: Source): boolean {
  return backwards >= FEWEST_STEPS && backwards >= CLEAR_MAJORITY * forwards;
}

/** Whether the clock tells the direction of a log, or does not speak against its order. */
function isDirected(source: Source): boolean {
  if (isReversed(source)) return true;
  return source.forwards >= CLEAR_MAJORITY * source.backwards && (source.forwards > 0 || source.hasUnclearDates !== true);
}

/** Whether nothing in their log tells which of two positions came first. */
export function isUntold(one: Position, other: Position): boolean {
  if (one.source !== other.source) return false;
  if (one.time !== undefined && other.time !== undefined && one.time !== other.time) return false;
  return isApart(one, other) || (one.line !== other.line && !isDirected(one.source));
}

/** The first of some positions. The direction of their log is known once the log was read, so both candidates are kept until then. */
export interface First {
  inOrder: Position;
  reversed: Position;
}

export function newFirst(position: Position): First {
  return { inOrder: position, reversed: position };
}

/** Takes one more position into account. */
export function include(first: First, position: Position): void {
  if (compare(position, first.inOrder) < 0) first.inOrder = position;
  if (compare(position, first.reversed, -1) < 0) first.reversed = position;
}

export function firstOf({ inOrder, reversed }: First): Position {
  return isReversed(inOrder.source) ? reversed : inOrder;
}

/** @param direction of the records in a log: 1 if they go with the time, and -1 if they go against it */
function compare(one: Position, other: Position, direction: 1 | -1 = 1): number {
  if (one.time !== undefined && other.time !== undefined && one.time !== other.time) return one.time - other.time;
  if (one.source !== other.source || isApart(one, other)) return 0;
  return direction * (one.record - other.record) || one.place - other.place;
}

/** Whether it is known that one came before the other, even if the clocks of their logs differ or the lines of their log have no clear order. */
export function isClearlyBefore(one: Position, other: Position): boolean {
  if (!isBefore(one, other)) return false;
  const isTimed = one.time !== undefined && other.time !== undefined && one.time !== other.time;
  return one.source === other.source ? isTimed || isDirected(one.source) : (other.time ?? 0) - (one.time ?? 0) >= SKEW;
}

/** The order of lists: the known order, and otherwise the order of the logs. */
export function byAppearance(one: Position, other: Position): number {
  if (isBefore(one, other)) return -1;
  if (isBefore(other, one)) return 1;
  return one.source.index - other.source.index || one.place - other.place;
}

/** The form of a position in the report. */
export function toLogPosition({ source, line, time }: Position): LogPosition {
  return { source: source.name, line, ...(time !== undefined && { time }) };
}
