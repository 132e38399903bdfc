/** What comes before what in logs: by the clock, and within one log by its own order. Between logs nothing but the clock tells. */

/** A log. */
export interface Source {
  /** What it is called. */
  readonly name: string;
  /** How many logs were named before it: for lists, and nothing else. */
  readonly index: number;
  /** How often the clock went forwards and backwards from one handle to the next: query answers may begin with the newest. */
  forwards: number;
  backwards: number;
}

/** A line of a log. */
export interface LogPosition {
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** Seconds since 1970, where the log tells. */
  readonly time?: number;
}

/** Something in a log, which has its place in a row: a line, a message, an element of an array. */
export interface Position {
  readonly source: Source;
  readonly line: number;
  readonly time?: number | undefined;
  /** How many such things came before it in all logs. */
  readonly place: number;
}

/** How far the clocks of two logs may be apart, in seconds. */
const SKEW = 1;

/** Whether it is known that one came before the other. */
export function isBefore(one: Position, other: Position): boolean {
  if (one.time !== undefined && other.time !== undefined && one.time !== other.time) return one.time < other.time;
  if (one.source !== other.source) return false;
  const { forwards, backwards } = one.source;
  return backwards > forwards ? one.place > other.place : one.place < other.place;
}

/** Whether that rests on more than what the clocks of two logs may be apart. */
export function isClearlyBefore(one: Position, other: Position): boolean {
  if (!isBefore(one, other)) return false;
  return one.source === other.source || (other.time ?? 0) - (one.time ?? 0) >= SKEW;
}

/** For lists: as it is known, and else in the order of the logs. */
export function byAppearance(one: Position, other: Position): number {
  if (isBefore(one, other)) return -1;
  if (isBefore(other, one)) return 1;
  return one.source.index - other.source.index || one.place - other.place;
}

/** As the report has it. */
export function toLogPosition({ source, line, time }: Position): LogPosition {
  return { source: source.name, line, ...(time !== undefined && { time }) };
}
