/** Orders positions in logs: within one log by the clock and by the order of the lines, between logs by the clock alone. */
import { type Branch, isApart } from './log/members.ts';
import { type Recorded, stepBetween } from './log/times.ts';

/** A log. */
export interface Source {
  /** Its name in the report. */
  readonly name: string;
  /** The number of logs that were named before it. Only lists use it. */
  readonly index: number;
  /**
   * How often the clock goes forwards and backwards from one record with handles to the next. An export of a log store may
   * begin with the newest line.
   */
  forwards: number;
  backwards: number;
  /** How often the clock stands still from one record with handles to the next. */
  stands: number;
  /** Whether its dates can be read in two ways. The order of lines in such a log counts only if the clock agrees with it. */
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

/** The position of a thing with a place in the log: a line, a message, or an element of an array. */
export interface Position {
  readonly source: Source;
  readonly line: number;
  readonly time?: number | undefined;
  /** The number of such things before this one in all logs. The parts of a compressed text have fractions between two whole numbers. */
  readonly place: number;
  /** The number of its record. A log that begins with its newest record still has the parts of each record in their order. */
  readonly record: number;
  /** How often the clock was set back before this place of the log. */
  readonly setBacks: number;
  /** How often the clock was set forward before this place. This number counts only in a log that begins with its newest record. */
  readonly setForths: number;
  /** The members around this position, of objects whose members have no known order. */
  readonly branches?: readonly Branch[] | undefined;
}

/** How many steps of the clock show that a log goes backwards, and how many times the steps in the other direction they must be. */
const FEWEST_STEPS = 3;
const CLEAR_MAJORITY = 3;

/** How much the clocks of two logs may differ, in seconds. */
export const SKEW = 1;

/** The most that counts as setting a clock, in seconds. A larger step means that another log was put behind the first one. */
const MOST_SET_BACK = 600;

/** Begins a log. */
export function newSource(name: string, index: number): Source {
  return { name, index, forwards: 0, backwards: 0, stands: 0 };
}

/** What a log tells about the order of something, as a mention has it. */
interface Ordered extends Pick<Position, 'line' | 'time' | 'place' | 'branches'> {
  readonly recorded?: Recorded | undefined;
  readonly teller?: { readonly isWeak: boolean; readonly took: number } | undefined;
  readonly isStreamed?: boolean | undefined;
}

/** Follows a log and its clock. @returns a function that returns the position of the next mention */
export function followLog(source: Source): (mention: Ordered) => Position {
  let [record, setBacks, setForths, lastLine] = [0, 0, 0, 0];
  let latest: Pick<Ordered, 'recorded' | 'teller'> = {};
  return ({ line, time, recorded = time, teller, place, branches, isStreamed }) => {
    // A stream is read when it has ended. It has the time of its last piece, so this time does not show the direction of the log.
    const step = isStreamed ? 0 : stepBetween(latest.recorded, recorded);
    if (step !== 0) source[step > 0 ? 'forwards' : 'backwards'] += 1;
    const isOtherRecord = latest.recorded !== undefined && latest.teller !== teller && lastLine !== line;
    if (step === 0 && !isStreamed && recorded !== undefined && isOtherRecord && !teller?.isWeak) source.stands += 1;
    if (typeof recorded === 'object') source.hasUnclearDates = true;
    if (step !== 0 && isSetting(latest, { recorded, teller })) {
      if (step < 0) setBacks += 1;
      else setForths += 1;
    }
    if (step !== 0 || line !== lastLine || recorded === undefined) record += 1;
    if (!isStreamed && recorded !== undefined) latest = { recorded, teller };
    lastLine = line;
    return { source, line, place, record, setBacks, setForths, branches, ...(time !== undefined && { time }) };
  };
}

/**
 * Whether a step may come from setting a clock. Steps of less than a second come from writers that hold lines back, steps
 * within the duration of a call from calls that overlap, and steps of more than 10 minutes from another log.
 */
function isSetting(one: Pick<Ordered, 'recorded' | 'teller'>, other: Pick<Ordered, 'recorded' | 'teller'>): boolean {
  if (typeof one.recorded !== 'number' || typeof other.recorded !== 'number') return false;
  const length = Math.abs(other.recorded - one.recorded);
  return length - (one.teller?.took ?? 0) - (other.teller?.took ?? 0) >= SKEW && length <= MOST_SET_BACK;
}

/** Whether the logs tell that the first position came before the other. */
export function isBefore(one: Position, other: Position): boolean {
  if (
    one.source === other.source &&
    (isDisputed(one, other) || (one.line !== other.line && one.time === other.time && isStill(one.source)))
  )
    return false;
  if (one.time !== undefined && other.time !== undefined && one.time !== other.time) return one.time < other.time;
  if (one.source !== other.source) return false;
  return compare(one, other, isReversed(one.source) ? -1 : 1) < 0;
}

/** Whether a log begins with its newest line. */
export function isReversed({ forwards, backwards }: Source): boolean {
  return backwards >= FEWEST_STEPS && backwards >= CLEAR_MAJORITY * forwards;
}

/** Whether the direction of a log is clear: the clock shows it, or does not contradict the order of the lines. */
function isDirected(source: Source): boolean {
  if (isReversed(source)) return true;
  if (isStill(source)) return false;
  return source.forwards >= CLEAR_MAJORITY * source.backwards && (source.forwards > 0 || source.hasUnclearDates !== true);
}

/** Whether nothing in their log tells which of two positions came first. */
export function isUntold(one: Position, other: Position): boolean {
  if (one.source !== other.source) return false;
  if (one.time !== undefined && other.time !== undefined && one.time !== other.time) return isDisputed(one, other);
  return isApart(one, other) || (one.line !== other.line && !isDirected(one.source));
}

/**
 * Whether the clock does not show the direction of a log: some records have the same time as the record before, no record
 * has a later time, and too few have an earlier time.
 */
function isStill(source: Source): boolean {
  return source.forwards === 0 && source.stands > 0 && !isReversed(source);
}

/** Whether the clock was set between two positions of one log, and tells another order than their lines. */
function isDisputed(one: Position, other: Position): boolean {
  const { source, time } = one;
  if (time === undefined || other.time === undefined) return false;
  const direction = source.backwards > source.forwards ? -1 : 1;
  const isSet = direction === 1 ? one.setBacks !== other.setBacks : one.setForths !== other.setForths;
  if (!isSet || isApart(one, other)) return false;
  return direction * (one.place - other.place) * (time - other.time) < 0;
}

/** The first of some positions, for either direction of their log: the direction is known only when the whole log was read. */
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

/** The same as {@link isBefore}, even if the clocks of two logs differ by {@link SKEW}, or the lines of one log have no clear order. */
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
