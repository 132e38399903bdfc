/**
 * Orders positions in logs. In one log, the times and the order of the lines decide, and a time without a zone counts as
 * well. Between two logs, only times with zones decide. The clock of a log is the clock that gave the log its times.
 */

import { areInDifferentBranches, type Branch } from '../log/members.ts';
import { type Recorded, readingOf, stepBetween } from '../log/times/times.ts';
import { createLocalClock } from './local-clock.ts';

/** A log. */
export interface Source {
  /** The name of the log in the report. */
  readonly name: string;
  /** The number of logs that were read before this log. This number does not tell which log is older. */
  readonly index: number;
  /**
   * How often the clock goes forwards and backwards between records with handles. In an export that begins with the
   * newest line, the clock goes backwards.
   */
  forwards: number;
  backwards: number;
  /** How often two successive records with handles have equal times. */
  stands: number;
  /**
   * Whether some dates have two readings, such as 03/07. The order of the lines then counts only if the clock confirms
   * it.
   */
  hasUnclearDates?: boolean;
  /** How many requests stand before their answers, and how many answers before their requests: see `pairs.ts`. */
  requestsFirst: number;
  answersFirst: number;
  /** Whether the clock without a zone jumped far, and then back. Two programs in different zones write such logs. */
  hasTwoClocks: boolean;
  /** Whether several requests have one id, so that the pairs of requests and answers prove nothing. */
  hasSharedIds?: boolean;
}

/** A line of a log. */
export interface LogPosition {
  readonly source: string;
  /** The number of the line, from 1. */
  readonly line: number;
  /** Seconds since 1970. Absent if the log does not tell the time. */
  readonly time?: number;
}

/** The position of a line, of a message, or of an element of an array. */
export interface Position {
  readonly source: Source;
  readonly line: number;
  readonly time?: number | undefined;
  /** The time, even if it has no zone: see {@link Recorded}. It counts only within one log. */
  readonly recorded?: Recorded | undefined;
  /** The number of the place among the places of all logs. Places in a compressed text have numbers with fractions. */
  readonly place: number;
  /** The number of the record. The parts of a record are in order, even if the newest record comes first. */
  readonly record: number;
  /** How often the clock was set back before this position. */
  readonly setBacks: number;
  /**
   * How often the clock was set forward before this position. It counts only in a log that begins with its newest
   * record.
   */
  readonly setForths: number;
  /** For each object around this position whose members have no known order, the member with the position: see {@link Branch}. */
  readonly branches?: readonly Branch[] | undefined;
}

/**
 * A log is reversed if its clock goes backwards at least `FEWEST_STEPS` times, and at least `CLEAR_MAJORITY` times as
 * often as forwards.
 */
const FEWEST_STEPS = 3;
const CLEAR_MAJORITY = 3;

/** A log without times is reversed if at least this many answers stand before their requests, and no request before its answer. */
const FEWEST_PAIRS = 2;

/** The largest difference that is expected between the clocks of two logs, in seconds. */
export const SKEW = 1;

/**
 * A step of the clock by at most this many seconds means that the clock was set. After a larger step, another log
 * begins.
 */
const MOST_SET_BACK = 600;

export function newSource(name: string, index: number): Source {
  return { name, index, forwards: 0, backwards: 0, stands: 0, requestsFirst: 0, answersFirst: 0, hasTwoClocks: false };
}

/** The members of a mention that tell its position. A mention is a handle at one place of a log. */
interface Ordered extends Pick<Position, 'line' | 'time' | 'recorded' | 'place' | 'branches'> {
  readonly timeOrigin?: { readonly isWeak: boolean; readonly took: number } | undefined;
  readonly isStreamed?: boolean | undefined;
}

/**
 * Follows the clock of a log.
 *
 * @returns a function that takes the mentions in the log one after the other, and returns the position of each
 */
export function followLog(source: Source): (mention: Ordered) => Position {
  let [record, setBacks, setForths, lastLine] = [0, 0, 0, 0];
  let latest: Pick<Ordered, 'recorded' | 'timeOrigin'> = {};
  let lastJump = 0;
  const localClock = createLocalClock();
  return ({ line, time, recorded: given = time, timeOrigin, place, branches, isStreamed }) => {
    const isLocal = time === undefined && given !== undefined;
    if (isLocal && !isStreamed && localClock.follow(given)) [setBacks, setForths] = [setBacks + 1, setForths + 1];
    const recorded = isLocal ? localClock.moved(given) : given;
    const jump = isLocal && latest.recorded !== undefined && !isStreamed ? readingOf(recorded ?? 0, 0) - readingOf(latest.recorded, 0) : 0;
    if (Math.abs(jump) > MOST_SET_BACK) {
      if (lastJump * jump < 0 && Math.abs(lastJump + jump) <= MOST_SET_BACK) source.hasTwoClocks = true;
      lastJump = jump;
    }
    // A stream has the time of its last piece, so this time does not show the direction of the log.
    const step = isStreamed ? 0 : stepBetween(latest.recorded, recorded);
    if (step !== 0) source[step > 0 ? 'forwards' : 'backwards'] += 1;
    const isOtherRecord = latest.recorded !== undefined && latest.timeOrigin !== timeOrigin && lastLine !== line;
    if (step === 0 && !isStreamed && recorded !== undefined && isOtherRecord && !timeOrigin?.isWeak) source.stands += 1;
    if (typeof recorded === 'object') source.hasUnclearDates = true;
    if (step !== 0 && isSetting(latest, { recorded, timeOrigin })) {
      if (step < 0) setBacks += 1;
      else setForths += 1;
    }
    if (step !== 0 || line !== lastLine || recorded === undefined) record += 1;
    if (!isStreamed && recorded !== undefined) latest = { recorded, timeOrigin };
    lastLine = line;
    return { source, line, place, record, setBacks, setForths, branches, recorded, ...(time !== undefined && { time }) };
  };
}

/**
 * Tells whether the clock may have been set between two times. A difference can have other causes:
 *
 * - less than a second: a writer held lines back
 * - within the duration of a call: calls overlap
 * - more than 10 minutes: another log begins
 */
function isSetting(one: Pick<Ordered, 'recorded' | 'timeOrigin'>, other: Pick<Ordered, 'recorded' | 'timeOrigin'>): boolean {
  if (typeof one.recorded !== 'number' || typeof other.recorded !== 'number') return false;
  const length = Math.abs(other.recorded - one.recorded);
  return length - (one.timeOrigin?.took ?? 0) - (other.timeOrigin?.took ?? 0) >= SKEW && length <= MOST_SET_BACK;
}

/** Tells whether the logs show that the first position came before the other position. */
export function isBefore(one: Position, other: Position): boolean {
  if (
    one.source === other.source &&
    (isDisputed(one, other) || (one.line !== other.line && clockStep(one, other) === 0 && isUnclear(one.source)))
  )
    return false;
  const step = clockStep(one, other);
  if (step !== 0) return step > 0;
  if (one.source !== other.source) return false;
  return compare(one, other, isReversed(one.source) ? -1 : 1) < 0;
}

/**
 * Returns a positive number if the clock goes forwards from the first position to the other, and a negative number if it
 * goes backwards. Returns 0 if the times are equal, or cannot be compared.
 */
function clockStep(one: Position, other: Position): number {
  if (one.time !== undefined && other.time !== undefined) return other.time - one.time;
  const areLocal = one.source === other.source && one.time === undefined && other.time === undefined && !one.source.hasTwoClocks;
  return areLocal ? stepBetween(one.recorded, other.recorded) : 0;
}

/** Tells whether a log begins with its newest line. */
export function isReversed(source: Source): boolean {
  const { forwards, backwards, answersFirst } = source;
  if (isAnswerFirst(source)) return answersFirst >= FEWEST_PAIRS;
  return backwards >= FEWEST_STEPS && backwards >= CLEAR_MAJORITY * forwards;
}

/** Tells whether a log has no times, and answers stand before their requests in it. */
function isAnswerFirst({ forwards, backwards, stands, requestsFirst, answersFirst, hasSharedIds }: Source): boolean {
  return answersFirst > 0 && hasSharedIds !== true && requestsFirst + forwards + backwards + stands === 0;
}

/** Tells whether the clock shows the direction of a log, or does not contradict the order of the lines. */
function isDirected(source: Source): boolean {
  if (isReversed(source)) return true;
  if (isUnclear(source)) return false;
  return source.forwards >= CLEAR_MAJORITY * source.backwards && (source.forwards > 0 || source.hasUnclearDates !== true);
}

/** Tells whether two positions are in one log that does not show which came first. */
export function isOrderUnknown(one: Position, other: Position): boolean {
  if (one.source !== other.source) return false;
  if (clockStep(one, other) !== 0) return isDisputed(one, other);
  return areInDifferentBranches(one, other) || (one.line !== other.line && !isDirected(one.source));
}

/**
 * Tells whether nothing shows the direction of a log. Either its clock stands still: it never goes forwards, and goes
 * backwards too seldom for a reversed log. Or the log has no times, and only one answer stands before its request.
 */
function isUnclear(source: Source): boolean {
  return !isReversed(source) && ((source.forwards === 0 && source.stands > 0) || isAnswerFirst(source));
}

/** Tells whether two times contradict the order of their lines, because the clock was set between the positions. */
function isDisputed(one: Position, other: Position): boolean {
  const { source } = one;
  const direction = source.backwards > source.forwards ? -1 : 1;
  const isSet = direction === 1 ? one.setBacks !== other.setBacks : one.setForths !== other.setForths;
  if (!isSet || areInDifferentBranches(one, other)) return false;
  return direction * (other.place - one.place) * clockStep(one, other) < 0;
}

/** The first of several positions, for each direction of the log. The direction is known only at the end of the log. */
export interface First {
  inOrder: Position;
  reversed: Position;
}

export function newFirst(position: Position): First {
  return { inOrder: position, reversed: position };
}

export function include(first: First, position: Position): void {
  if (compare(position, first.inOrder) < 0) first.inOrder = position;
  if (compare(position, first.reversed, -1) < 0) first.reversed = position;
}

/** Returns the first position, according to the direction of the log. */
export function firstOf({ inOrder, reversed }: First): Position {
  return isReversed(inOrder.source) ? reversed : inOrder;
}

/**
 * The result is negative if `one` came before `other`, and 0 if their order is unknown.
 *
 * @param direction 1 if the oldest record of the log comes first, -1 if the newest does
 */
function compare(one: Position, other: Position, direction: 1 | -1 = 1): number {
  const step = clockStep(one, other);
  if (step !== 0) return -step;
  if (one.source !== other.source || areInDifferentBranches(one, other)) return 0;
  return direction * (one.record - other.record) || one.place - other.place;
}

/**
 * Tells whether the first position certainly came before the other. In one log, the order is certain if the times differ
 * or the direction of the log is clear. Between two logs, it is certain if the times differ by at least {@link SKEW}.
 */
export function isClearlyBefore(one: Position, other: Position): boolean {
  if (!isBefore(one, other)) return false;
  return one.source === other.source ? clockStep(one, other) !== 0 || isDirected(one.source) : (other.time ?? 0) - (one.time ?? 0) >= SKEW;
}

/** Compares positions by their known order, otherwise by log and place. */
export function byAppearance(one: Position, other: Position): number {
  if (isBefore(one, other)) return -1;
  if (isBefore(other, one)) return 1;
  return one.source.index - other.source.index || one.place - other.place;
}

export function toLogPosition({ source, line, time }: Position): LogPosition {
  return { source: source.name, line, ...(time !== undefined && { time }) };
}
