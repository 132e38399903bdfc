/** Reads times as logs write them. A time without a zone is no time, because it would be a guess. It only tells which of two lines of one log came first. */

/** RFC 3339, also with a blank for the `T`, a comma for the dot, or `UTC` for the `Z`. */
const ISO = String.raw`(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?![\w:])`;
/** The common log format of web servers. */
const CLF = String.raw`(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)`;
/** RFC 9110 §5.6.7. */
const HTTP = String.raw`(\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) GMT`;

const IN_TEXT = new RegExp(String.raw`(?<!\d)(?:${ISO}|${CLF}|${HTTP})`);
const WHOLE = new RegExp(String.raw`^\s*(?:${ISO}|${CLF}|${HTTP})\s*$`);
const WITHOUT_ZONE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)$/;

/** The longest spelling of a time, in characters. */
export const LONGEST_TIME = 64;

/** The first time with a zone in a text. @returns seconds since 1970, with fractions */
export function timeInText(text: string): number | undefined {
  return momentOf(IN_TEXT.exec(text));
}

/**
 * Reads a value as a time, whatever its name: a time with a zone, or a number in seconds, milliseconds, microseconds or
 * nanoseconds since 1970, which may be written as a text. Only the years 2001 to 2103 count, so no number fits two of
 * the four units.
 *
 * @returns seconds since 1970, with fractions
 */
export function timeOfValue(value: unknown): number | undefined {
  if (typeof value === 'number') return timeOfNumber(value);
  if (typeof value !== 'string' || value.length > LONGEST_TIME) return undefined;
  if (/^\d{10,19}(?:\.\d{1,9})?$/.test(value)) return timeOfNumber(Number(value));
  return momentOf(WHOLE.exec(value));
}

/** Reads a value as a time. A time without a zone is UTC. */
export function timeInUtc(value: unknown): number | undefined {
  const [, date, clock] = WITHOUT_ZONE.exec(typeof value === 'string' ? value : '') ?? [];
  return date === undefined ? timeOfValue(value) : seconds(`${date}T${clock}Z`);
}

/** As above without a zone, as log stores write dates for people, and as in syslog (RFC 3164). */
const LOCAL =
  /(?<!\d)(?:(\d{4})[-/](\d\d)[-/](\d\d)[T ]|([A-Z][a-z]{2}) {1,2}(\d{1,2})(?:, (\d{4}) @)? )(\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?/;

/** The first time in a text, with a zone or without. @returns seconds, which only compare with others of the same log */
export function localTimeInText(text: string): number | undefined {
  const [, year, month, day, monthName, dayOfMonth, yearOfName = '2000', clock, fraction = '0'] = LOCAL.exec(text) ?? [];
  if (clock === undefined) return undefined;
  const date = year === undefined ? `${dayOfMonth} ${monthName} ${yearOfName} ${clock} GMT` : `${year}-${month}-${day}T${clock}Z`;
  const whole = seconds(date);
  return whole === undefined ? undefined : whole + Number(`0.${fraction}`);
}

/** Reads a value as a time with a zone or without. */
export function localTimeOfValue(value: unknown): number | undefined {
  return typeof value === 'string' && value.length <= LONGEST_TIME ? localTimeInText(value) : undefined;
}

function timeOfNumber(value: number): number | undefined {
  for (const perSecond of [1, 1e3, 1e6, 1e9]) {
    const time = value / perSecond;
    if (time >= 1e9 && time < 4.2e9) return time;
  }
  return undefined;
}

function momentOf(match: RegExpExecArray | null): number | undefined {
  if (match === null) return undefined;
  const [, date, clock, zone, day, month, year, time, hours, minutes, httpDay, httpMonth, httpYear, httpTime] = match;
  if (date !== undefined) return seconds(`${date}T${clock?.replace(',', '.')}${isoZone(zone ?? '')}`);
  if (day !== undefined) return seconds(`${day} ${month} ${year} ${time} ${hours}${minutes}`);
  return seconds(`${httpDay} ${httpMonth} ${httpYear} ${httpTime} GMT`);
}

function isoZone(zone: string): string {
  if (!/^[+-]/.test(zone)) return 'Z';
  const digits = zone.slice(1).replace(':', '');
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2) || '00'}`;
}

function seconds(spelling: string): number | undefined {
  const milliseconds = Date.parse(spelling);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** The names of times in records, in lower case and without marks. The first ones are the clearest. */
const NAMES = [
  'timestamp',
  'time',
  'ts',
  't',
  'timeunixnano',
  'starttimeunixnano',
  'datetime',
  'date',
  'eventtime',
  'starteddatetime',
  'timegenerated',
  'realtimetimestamp',
  'asctime',
  'epoch',
  'instant',
  'at',
  'when',
  'created',
  'createdat',
  'createtime',
];

/** Names that speak of time, and names of moments that are not the record's own. */
const SPEAKS_OF_TIME = /time|date|stamp|clock|epoch|instant|(?:ed|logged|received)at$/;
const OTHER_MOMENT =
  /expir|until|deadline|valid|zone|timeout|duration|elapsed|runtime|uptime|update|modif|birth|due|last|next|previous|end|notbefore|ttl/;

/** How well a name fits the time of its record: 0 is best, undefined is not at all. */
export function rankOfTimeName(name: string): number | undefined {
  if (name.length > 40) return undefined;
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const rank = NAMES.indexOf(plain);
  if (rank !== -1) return rank;
  return SPEAKS_OF_TIME.test(plain) && !OTHER_MOMENT.test(plain) ? NAMES.length : undefined;
}

/** The end of what a record tells of. */
const END = /^(?:end|finish|complet|stop)(?:ed)?(?:time|timestamp|timeunixnano|at)?$/;
/** How long it took, and the unit. Milliseconds where no unit is named. */
const DURATION = /^(?:duration|elapsed|latency|took|responsetime)(?:in)?(ms|millis|milliseconds|s|sec|seconds|us|micros|ns|nano|nanos)?$/;
const PER_SECOND: Readonly<Record<string, number>> = { s: 1, sec: 1, seconds: 1, us: 1e6, micros: 1e6, ns: 1e9, nano: 1e9, nanos: 1e9 };

/** When something ended that a record tells of from its start: seconds since 1970. @param start seconds since 1970 */
export function endTime(start: number, names: readonly string[], values: readonly unknown[]): number {
  const plain = names.map((name) => (name.length > 40 ? '' : name.toLowerCase().replace(/[^a-z0-9]/g, '')));
  const isHar = plain.includes('starteddatetime');
  let end = start;
  for (const [at, name] of plain.entries()) {
    const value = values[at];
    if (END.test(name)) end = Math.max(end, timeOfValue(value) ?? start);
    const unit = DURATION.exec(name);
    const perSecond = unit !== null ? (PER_SECOND[unit[1] ?? ''] ?? 1e3) : isHar && name === 'time' ? 1e3 : undefined;
    const number = typeof value === 'string' ? Number(value) : value;
    if (perSecond !== undefined && typeof number === 'number' && number > 0) end = Math.max(end, start + number / perSecond);
  }
  return end;
}
