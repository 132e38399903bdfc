/** Reads times that records write as objects or arrays, and not as one text or number. */
import { timeOfValue } from './times.ts';

type Members = Readonly<Record<string, unknown>>;

/** The members of an object that is a time: seconds, and their fraction in nanoseconds. */
const PARTS = [
  ['epochSecond', 'nanoOfSecond'],
  ['seconds', 'nanos'],
] as const;

/**
 * Reads the time in an object or an array: a time of Log4j 2, of Protocol Buffers, of MongoDB or of OpenTelemetry for
 * JavaScript, or a list with one time.
 *
 * @returns seconds since 1970, with fractions; undefined if the value is not a time
 */
export function timeOfObject(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return value.length === 1 ? timeOfValue(value[0]) : fromParts(value);
  const { $date } = value as Members;
  if ($date !== undefined) return timeOfValue(typeof $date === 'object' ? ($date as Members)?.['$numberLong'] : $date);
  return PARTS.map((names) => fromParts(names.map((name) => (value as Members)[name]))).find((time) => time !== undefined);
}

function fromParts([seconds, nanoseconds = 0, ...others]: readonly unknown[]): number | undefined {
  const time = Number(seconds);
  const fraction = Number(nanoseconds) / 1e9;
  return others.length === 0 && time >= 1e9 && time < 4.2e9 && fraction >= 0 && fraction < 1 ? time + fraction : undefined;
}
