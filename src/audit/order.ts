/**
 * Orders positions in logs. Within one log, the times and the order of the lines decide. Between two logs, only the
 * times decide. The clock of a log means the clock that the times in this log come from.
 */
import { type Branch, isApart } from './log/members.ts';
import { type Recorded, stepBetween } from './log/times.ts';

/** A log. */
export interface Source {
  /** The name of the log in the report. */
  readonly name: string;
  /** The number of logs that were read before this log. This number does not tell which log is older. */
  readonly index: number;
  /**
   * How often the clock goes forwards, and how often backwards, from one record with handles to the next. In an export
   * of a log store that begins with the newest line, the clock goes backwards.
   */
  forwards: number;
  backwards: number;
  /** How often two successive records with handles have the same time. */
  stands: number;
  /**
   * Whether the log has dates that can be read in two ways, such as 03/07. The order of the lines in such a log counts
   * only if the clock agrees with it.
   */
  hasUnclearDates?: boolean;
}

/** A line of a log. */
export interface LogPosition {
  readonly source: string;
  /** The number of the line, from 1. */
  readonly line: number;
  /** Seconds since 1970. Absent if the log does not tell the time. */
  readonly time?: number;
}

/** The position of something that has a place of its own in a log: a line, a message, or an element of an array. */
export interface Position {
  readonly source: Source;
  readonly line: number;
  readonly time?: number | undefined;
  /**
   * The number of this place among the places of all logs. The places within a compressed text have numbers between two
   * whole numbers.
   */
  readonly place: number;
  /**
   * The number of the record that contains this position. Even in a log that begins with its newest record, the parts
   * of one record are in order.
   */
  readonly record: number;
  /** How often the clock was set back before this position of the log. */
  readonly setBacks: number;
  /**
   * How often the clock was set forward before this position. This number counts only in a log that begins with its
   * newest record.
   */
  readonly setForths: number;
  /** The members around this position that belong to objects whose members have no known order. */
  readonly branches?: readonly Branch[] | undefined;
}

/**
 * A log goes backwards if its clock goes backwards at least `FEWEST_STEPS` times, and at least `CLEAR_MAJORITY` times
 * as often as it goes forwards.
 */
const FEWEST_STEPS = 3;
const CLEAR_MAJORITY = 3;

/** The largest difference that is expected between the clocks of two logs, in seconds. */
export const SKEW = 1;

/**
 * The largest difference between two successive times that counts as setting a clock, in seconds. A larger difference
 * means that another log was appended to the first log.
 */
const MOST_SET_BACK = 600;

/** Returns a log of which nothing was read yet. */
export function newSource(name: string, index: number): Source {
  return { name, index, forwards: 0, backwards: 0, stands: 0 };
}

/** The members of a mention that tell its order in the log. A mention is a handle at one place of a log. */
interface Ordered extends Pick<Position, 'line' | 'time' | 'place' | 'branches'> {
  readonly recorded?: Recorded | undefined;
  readonly teller?: { readonly isWeak: boolean; readonly took: number } | undefined;
  readonly isStreamed?: boolean | undefined;
}

/**
 * Follows a log and its clock.
 *
 * @returns a function that takes the mentions of the log one after the other, and returns the position of each mention
 */
export function followLog(source: Source): (mention: Ordered) => Position {
  let [record, setBacks, setForths, lastLine] = [0, 0, 0, 0];
  let latest: Pick<Ordered, 'recorded' | 'teller'> = {};
  return ({ line, time, recorded = time, teller, place, branches, isStreamed }) => {
    // The reader takes a stream when the stream has ended, and gives the stream the time of its last piece. So this
    // time does not show the direction of the log.
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
 * Tells whether somebody may have set the clock between two times. The difference between two times can also have other
 * causes. If the difference is less than a second, a writer held lines back. If the difference is within the duration
 * of a call, calls overlap. If the difference is more than 10 minutes, the second time comes from another log.
 */
function isSetting(one: Pick<Ordered, 'recorded' | 'teller'>, other: Pick<Ordered, 'recorded' | 'teller'>): boolean {
  if (typeof one.recorded !== 'number' || typeof other.recorded !== 'number') return false;
  const length = Math.abs(other.recorded - one.recorded);
  return length - (one.teller?.took ?? 0) - (other.teller?.took ?? 0) >= SKEW && length <= MOST_SET_BACK;
}

/** Tells whether the logs show that the first position came before the other position. */
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

/** Tells whether a log begins with its newest line. */
export function isReversed({ forwards, backwards }: Source): boolean {
  return backwards >= FEWEST_STEPS && backwards >= CLEAR_MAJORITY * forwards;
}

/**
 * Tells whether the direction of a log is clear: the clock shows the direction, or does not contradict the order of the
 * lines.
 */
function isDirected(source: Source): boolean {
  if (isReversed(source)) return true;
  if (isStill(source)) return false;
  return source.forwards >= CLEAR_MAJORITY * source.backwards && (source.forwards > 0 || source.hasUnclearDates !== true);
}

/** Tells whether two positions stand in one log, but the log does not show which of them came first. */
export function isUntold(one: Position, other: Position): boolean {
  if (one.source !== other.source) return false;
  if (one.time !== undefined && other.time !== undefined && one.time !== other.time) return isDisputed(one, other);
  return isApart(one, other) || (one.line !== other.line && !isDirected(one.source));
}

/**
 * Tells whether the clock fails to show the direction of a log: some successive records have the same time, the clock
 * never goes forwards, and the clock goes backwards too seldom to show a reversed log.
 */
function isStill(source: Source): boolean {
  return source.forwards === 0 && source.stands > 0 && !isReversed(source);
}

/**
 * Tells whether the clock was set between two positions of one log, and their times contradict the order of their
 * lines.
 */
function isDisputed(one: Position, other: Position): boolean {
  const { source, time } = one;
  if (time === undefined || other.time === undefined) return false;
  const direction = source.backwards > source.forwards ? -1 : 1;
  const isSet = direction === 1 ? one.setBacks !== other.setBacks : one.setForths !== other.setForths;
  if (!isSet || isApart(one, other)) return false;
  return direction * (one.place - other.place) * (time - other.time) < 0;
}

/**
 * The first of several positions, for both directions of their log. The direction is known only after the whole log was
 * read.
 */
export interface First {
  inOrder: Position;
  reversed: Position;
}

/** Begins to look for the first of several positions, with one of these positions. */
export function newFirst(position: Position): First {
  return { inOrder: position, reversed: position };
}

/** Updates the first of several positions by one more position. */
export function include(first: First, position: Position): void {
  if (compare(position, first.inOrder) < 0) first.inOrder = position;
  if (compare(position, first.reversed, -1) < 0) first.reversed = position;
}

/** Returns the first position. Which of the two candidates is first depends on the direction of the log. */
export function firstOf({ inOrder, reversed }: First): Position {
  return isReversed(inOrder.source) ? reversed : inOrder;
}

/**
 * Compares two positions. The result is negative if the first position came before the other, and 0 if nothing tells.
 *
 * @param direction the direction of the records in a log: 1 for the oldest record first, -1 for the newest record first
 */
function compare(one: Position, other: Position, direction: 1 | -1 = 1): number {
  if (one.time !== undefined && other.time !== undefined && one.time !== other.time) return one.time - other.time;
  if (one.source !== other.source || isApart(one, other)) return 0;
  return direction * (one.record - other.record) || one.place - other.place;
}

/**
 * Tells whether the first position certainly came before the other position. In two logs, the times must differ by at
 * least {@link SKEW}. In one log, the times must differ, or the direction of the log must be clear.
 */
export function isClearlyBefore(one: Position, other: Position): boolean {
  if (!isBefore(one, other)) return false;
  const isTimed = one.time !== undefined && other.time !== undefined && one.time !== other.time;
  return one.source === other.source ? isTimed || isDirected(one.source) : (other.time ?? 0) - (one.time ?? 0) >= SKEW;
}

/** Compares two positions for a list: by their known order, otherwise by the order of their logs and places. */
export function byAppearance(one: Position, other: Position): number {
  if (isBefore(one, other)) return -1;
  if (isBefore(other, one)) return 1;
  return one.source.index - other.source.index || one.place - other.place;
}

/** Returns a position in the form that the report has. */
export function toLogPosition({ source, line, time }: Position): LogPosition {
  return { source: source.name, line, ...(time !== undefined && { time }) };
}
