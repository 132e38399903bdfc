/**
 * Reads times in the notations of logs. A time without a zone only shows which of two lines of one log came first,
 * because its zone could only be guessed.
 */

/**
 * Matches a time of RFC 3339. Also accepts a space or a tab for the `T`, a comma for the dot, and `UTC` or `GMT` for the `Z`.
 */
const ISO = String.raw`(\d{4}-\d\d-\d\d)[Tt \t](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?(Z|z|UTC|GMT|[+-]\d\d(?::?\d\d)?)(?![\w:])`;
/** Matches a time in the common log format of web servers. */
const CLF = String.raw`(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)`;
/** Matches a date of HTTP (RFC 9110 §5.6.7) or of mail (RFC 5322 §3.3), without the day of the week. */
const MAIL = String.raw`(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) (GMT|UTC|[+-]\d{4})`;
/** Matches the date that a shell's `date` prints in UTC, without the day of the week. */
const SHELL = String.raw`([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d) (?:UTC|GMT) (\d{4})`;
/** Matches a time of ISO 8601 in the basic format, without punctuation. */
const BASIC = String.raw`(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d(?:[.,]\d{1,9})?)Z`;

const ANY = `(?:${ISO}|${CLF}|${MAIL}|${SHELL}|${BASIC})`;
const IN_TEXT = new RegExp(String.raw`(?<!\d)${ANY}`, 'g');
const WHOLE = new RegExp(String.raw`^\s*(?:[A-Z][a-z]{2},? )?${ANY}\s*$`);
const WITHOUT_ZONE = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)$/;

/** The longest spelling of a time, in characters. */
export const LONGEST_TIME = 64;

/**
 * Reads a value as a time: a time with a zone, or a number of seconds, milliseconds, microseconds or nanoseconds since
 * 1970. Only the years 2001 to 2103 count, so a number fits only one unit.
 *
 * @returns seconds since 1970, with fractions; undefined if the value is not a time
 */
export function timeOfValue(value: unknown): number | undefined {
  if (typeof value === 'number') return timeOfNumber(value);
  if (typeof value !== 'string' || value.length > LONGEST_TIME) return undefined;
  if (/^\d{10,19}(?:\.\d{1,9})?$/.test(value)) return timeOfNumber(Number(value));
  return momentOf(WHOLE.exec(value));
}

/**
 * Reads a value as a time. A time without a zone counts as UTC.
 *
 * @returns seconds since 1970, with fractions; undefined if the value is not a time
 */
export function timeInUtc(value: unknown): number | undefined {
  const [, date, clock] = WITHOUT_ZONE.exec(typeof value === 'string' ? value : '') ?? [];
  return date === undefined ? timeOfValue(value) : seconds(`${date}T${clock}Z`);
}

/** A time with or without a zone, in seconds. A date with two readings, such as 03/07/2026, gives a pair. */
export type Recorded = number | readonly [monthFirst: number, dayFirst: number];

/**
 * Returns 1 if the clock goes forwards, -1 if it goes backwards, and 0 if the times are equal or it is unclear. A date
 * without a year cannot be compared with one that has a year.
 */
export function stepBetween(one: Recorded | undefined, other: Recorded | undefined): number {
  if (one === undefined || other === undefined || hasYear(one) !== hasYear(other)) return 0;
  const [monthFirst, dayFirst] = [0, 1].map((reading) => Math.sign(readingOf(other, reading) - readingOf(one, reading)));
  return monthFirst === dayFirst ? (monthFirst ?? 0) : 0;
}

/** Returns a local time in one of its readings: 0 for the month first, 1 for the day first. */
export function readingOf(recorded: Recorded, reading: number): number {
  return typeof recorded === 'number' ? recorded : (recorded[reading] ?? 0);
}

export function shifted(recorded: Recorded, by: number): Recorded {
  return typeof recorded === 'number' ? recorded + by : [recorded[0] + by, recorded[1] + by];
}

/** The year of a date whose year the log does not tell. A leap year, so that it has every date. */
const NO_YEAR = 2000;

/** A date without a year stays in the decade after {@link NO_YEAR}, even if New Year moved it. */
function hasYear(recorded: Recorded): boolean {
  return new Date(readingOf(recorded, 0) * 1000).getUTCFullYear() >= NO_YEAR + 10;
}

export function isWithoutYear(recorded: Recorded): boolean {
  return new Date(readingOf(recorded, 0) * 1000).getUTCFullYear() === NO_YEAR;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = `(?:${MONTHS.join('|')})[a-z]{0,6}`;

/** Matches dates that log stores and locales write for people, and the dates of syslog (RFC 3164) and of klog. */
const LOCAL = new RegExp(
  [
    String.raw`(?<![\d/.-])(?:(?<year>\d{4})[-/.](?<month>\d\d)[-/.](?<day>\d\d)[T,]?[ \t]?`,
    String.raw`(?<name>${MONTH})\.? {1,2}(?<dayOfName>\d{1,2})(?:,? (?<yearOfName>\d{4}))?(?:,| @| at)? {1,2}`,
    String.raw`(?<dayBefore>\d{1,2})[ /-](?<nameAfter>${MONTH})[ /-](?<yearAfter>\d{4})(?:,? |:)`,
    String.raw`(?<!\w)[IWEF](?<klogMonth>\d\d)(?<klogDay>\d\d) `,
    String.raw`(?<one>\d{1,2})(?<mark>[/.-])(?<two>\d{1,2})\k<mark>(?<yearBehind>\d{4}|\d\d)[T,]?[ \t]?)`,
  ].join('|') + String.raw`(?<hours>\d{1,2}):(?<minutes>\d\d)(?::(?<seconds>\d\d)(?:[.,](?<fraction>\d{1,9}))?)?(?:\s?(?<half>[AP])\.?M)?`,
  'gi',
);

export interface FoundDate {
  /** The index at which the date begins, and the index after its end. */
  readonly index: number;
  readonly end: number;
  /** Seconds since 1970. Absent if the date has no zone. */
  readonly time?: number | undefined;
  /** Equal to `time`, or the local time if the date has no zone. Compare it only with times of the same log. */
  readonly recorded: Recorded;
}

export function datesIn(text: string): FoundDate[] {
  const placeOf = ({ 0: { length }, index }: RegExpExecArray) => ({ index, end: index + length });
  const zoned = Array.from(text.matchAll(IN_TEXT)).flatMap((match): FoundDate[] => {
    const time = momentOf(match);
    return time === undefined ? [] : [{ ...placeOf(match), time, recorded: time }];
  });
  const local = Array.from(text.matchAll(LOCAL), (match) => ({ ...placeOf(match), recorded: localTimeOf(match.groups ?? {}) }));
  const isOther = ({ index }: FoundDate) => !zoned.some((date) => index >= date.index && index < date.end);
  return [...zoned, ...local.filter(isOther)].sort((a, b) => a.index - b.index);
}

function localTimeOf(found: Readonly<Record<string, string | undefined>>): Recorded {
  const { hours, minutes, seconds = '0', fraction = '0', half } = found;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  const clock = (hour * 60 + Number(minutes)) * 60 + Number(seconds) + Number(`0.${fraction}`);
  const at = (year: string | undefined, month: number, day: string | undefined) =>
    Date.UTC(Number(year ?? NO_YEAR), month - 1, Number(day)) / 1000 + clock;
  const monthOf = (name: string) => MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
  const { year, month, day, name, dayOfName, yearOfName, dayBefore, nameAfter, yearAfter, klogMonth, klogDay } = found;
  const { one, mark, two, yearBehind } = found;
  if (year !== undefined) return at(year, Number(month), day);
  if (name !== undefined) return at(yearOfName, monthOf(name), dayOfName);
  if (nameAfter !== undefined) return at(yearAfter, monthOf(nameAfter), dayBefore);
  if (klogMonth !== undefined) return at(undefined, Number(klogMonth), klogDay);
  if (mark === '.' || Number(one) > 12) return at(yearBehind, Number(two), one);
  return Number(two) > 12 ? at(yearBehind, Number(one), two) : [at(yearBehind, Number(one), two), at(yearBehind, Number(two), one)];
}

/** Reads a value as a time with or without a zone. Returns undefined if the value is not a time. */
export function localTimeOfValue(value: unknown): Recorded | undefined {
  return typeof value === 'string' && value.length <= LONGEST_TIME ? datesIn(value)[0]?.recorded : undefined;
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
  const [, date, clock, zone, day, month, year, time, hours, minutes, ...others] = match;
  const [mailDay, mailMonth, mailYear, mailTime, mailZone, ...more] = others;
  const [shellMonth, shellDay, shellTime, shellYear, ...basic] = more;
  if (date !== undefined) return seconds(`${date}T${clock?.replace(',', '.')}${isoZone(zone ?? '')}`);
  if (day !== undefined) return seconds(`${day} ${month} ${year} ${time} ${hours}${minutes}`);
  if (mailDay !== undefined) return seconds(`${mailDay} ${mailMonth} ${mailYear} ${mailTime} ${mailZone}`);
  if (shellDay !== undefined) return seconds(`${shellDay} ${shellMonth} ${shellYear} ${shellTime} GMT`);
  return seconds(`${basic.slice(0, 3).join('-')}T${basic.slice(3).join(':').replace(',', '.')}Z`);
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

/** The names that records give to their times, in small letters and without punctuation, the clearest names first. */
const NAMES = [
  'timestamp',
  'time',
  'ts',
  't',
  'timeunixnano',
  'starttimeunixnano',
  'datetime',
  'eventtime',
  'starteddatetime',
  'timegenerated',
  'realtimetimestamp',
  'asctime',
  'epoch',
  'instant',
];

/** The names of times that count only if a record has no other time. */
const LAST_NAMES = ['date', 'at', 'when', 'created', 'createdat', 'createtime'];

/**
 * `SPEAKS_OF_TIME` matches the names of further members that hold a time. `OTHER_MOMENT` matches the names of members
 * whose time is not the time of the record itself.
 */
const SPEAKS_OF_TIME = /time|date|stamp|clock|epoch|instant|(?:ed|logged|received)at$/;
const OTHER_MOMENT =
  /expir|until|deadline|valid|zone|timeout|duration|elapsed|runtime|uptime|update|modif|birth|due|last|next|previous|end|notbefore|ttl/;

/**
 * Tells whether the name with this rank is weak: whether it is not one of {@link NAMES}. A weak name may belong to a
 * job, a chat or another thing in the record, and not to the record itself.
 */
export function isWeakRank(rank: number): boolean {
  return rank >= NAMES.length;
}

/** Tells whether a name belongs to another moment than the time of the record, such as a deadline. */
export function isOtherMoment(name: string): boolean {
  return OTHER_MOMENT.test(name.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

/** Returns how well a name fits the time of a record: 0 fits best, and undefined does not fit. */
export function rankOfTimeName(name: string): number | undefined {
  if (name.length > 40) return undefined;
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const rank = NAMES.indexOf(plain);
  if (rank !== -1) return rank;
  const last = LAST_NAMES.indexOf(plain);
  if (last !== -1) return NAMES.length + 1 + last;
  return SPEAKS_OF_TIME.test(plain) && !OTHER_MOMENT.test(plain) ? NAMES.length : undefined;
}

/** Matches the names for the end of the event that a record describes. */
const END = /^(?:end|finish|complet|stop)(?:ed)?(?:time|timestamp|timeunixnano|at)?$/;
/** Matches the names for the duration of the event, with or without a unit. The default unit is milliseconds. */
const DURATION = /^(?:duration|elapsed|latency|took|responsetime)(?:in)?(ms|millis|milliseconds|s|sec|seconds|us|micros|ns|nano|nanos)?$/;
const PER_SECOND: Readonly<Record<string, number>> = { s: 1, sec: 1, seconds: 1, us: 1e6, micros: 1e6, ns: 1e9, nano: 1e9, nanos: 1e9 };

/** The start and the end of an event, in seconds since 1970. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the start and the end of a record's event. The time of the record is the end, because most records are written
 * after their event. But the time is the start if a member's name begins with `start`, or if a member gives an end
 * after this time.
 *
 * @param time the time of the record, in seconds since 1970
 */
export function spanOf(time: number, names: readonly string[], values: readonly unknown[]): Span {
  const plain = names.map((name) => (name.length > 40 ? '' : name.toLowerCase().replace(/[^a-z0-9]/g, '')));
  const isHar = plain.includes('starteddatetime');
  let [end, took] = [time, 0];
  for (const [at, name] of plain.entries()) {
    const value = values[at];
    if (END.test(name)) end = Math.max(end, timeOfValue(value) ?? time);
    const unit = DURATION.exec(name);
    const perSecond = unit !== null ? (PER_SECOND[unit[1] ?? ''] ?? 1e3) : isHar && name === 'time' ? 1e3 : undefined;
    const number = typeof value === 'string' ? Number(value) : value;
    if (perSecond !== undefined && typeof number === 'number' && number > 0) took = Math.max(took, number / perSecond);
  }
  const isStart = end > time || plain.some((name) => /^start/.test(name));
  return isStart ? { start: time, end: Math.max(end, time + took) } : { start: time - took, end: time };
}
