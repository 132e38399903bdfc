/**
 * Keeps what stands outside of JSON values in a line: mentions of handles, and the text before the values. This text
 * may contain the time of the line.
 */
import { type Mention, merged } from './mention.ts';
import { datesIn, type FoundDate, isOtherMoment, isWeakRank, rankOfTimeName, timeOfValue } from './times/times.ts';

/**
 * The times of a mention: `time` has a zone, and `recorded` may lack it. `timeOrigin` describes where both come from.
 */
export type Times = Pick<Mention, 'time' | 'recorded' | 'timeOrigin'>;

export interface Line {
  /** Adds text that precedes the next value of the line. */
  lead(text: string): void;
  /** Returns the times in the text before the first value of the line. */
  times(): Times;
  /**
   * Returns the times in the text before a handle of the line.
   *
   * @param text the last part of this text, which {@link lead} has not received yet
   */
  timesBefore(text: string): Times;
  /** Keeps mentions of handles that stand outside of values. */
  hold(mentions: readonly Mention[]): void;
  readonly held: number;
  /** Gives out the mentions that are kept. */
  release(): void;
  /** Ends the line: gives out the mentions that are kept, and begins the next line. */
  end(): void;
}

/**
 * @param longest how many characters of a text before a value are read to find a time
 * @param take receives the mentions
 */
export function createLine(longest: number, take: (mentions: readonly Mention[]) => void): Line {
  /** The first and the last characters before the value. */
  let [lead, near, times] = ['', '', undefined as Times | undefined];
  let held: Mention[] = [];

  function release(): void {
    if (held.length > 0) take(merged(held));
    held = [];
  }

  return {
    lead(text) {
      if (times !== undefined) return;
      if (lead.length < longest) lead += text.slice(0, longest);
      if (longest > LONGEST_NEAR) near = (near + text.slice(-LONGEST_NEAR)).slice(-LONGEST_NEAR);
    },
    times() {
      times ??= timesAround(lead, near);
      return times;
    },
    timesBefore: (text) => timesIn(lead + text.slice(0, longest)),
    hold(mentions) {
      for (const mention of mentions) held.push(mention);
    },
    get held() {
      return held.length;
    },
    release,
    end() {
      release();
      [lead, near, times] = ['', '', undefined];
    },
  };
}

/** How many characters directly before a value are read to find a time there. A text within a text is not read so far. */
const LONGEST_NEAR = 160;

/** Finds the time at the beginning of a line, or else directly before a value. */
function timesAround(lead: string, near: string): Times {
  const times = timesIn(lead);
  const last = times.recorded === undefined ? datesIn(near).at(-1) : undefined;
  if (last === undefined || /\w/.test(near.slice(last.end)) || kindOf(last, near) !== 'own') return times;
  return { time: last.time, recorded: last.recorded, timeOrigin: { isWeak: false, isNameless: true, took: 0 } };
}

/** How many characters before a date are read to tell what the date is about. */
const LONGEST_BEFORE = 80;

/** Matches the text that may stand between a word and its date: marks, and the day of the week. */
const MARKS = String.raw`["'\\\s:=([<>-]*(?:[A-Z][a-z]{2}, )?$`;

/** Matches a word after which a date is a deadline, a bound, or the time of something else. */
const OF_SOMETHING_ELSE = new RegExp(
  String.raw`(?<![a-z])(?:expir\w*|exp|until|till|valid\w*|deadline|due|since|before|after|from|to|by|than|renew\w*|reset\w*|retry\w*|modified|updated|created|ends?|ended|last|next|nbf|iat)[\s_.-]?(?:at|on|is|was|in|by)?${MARKS}`,
  'i',
);

/** Matches the name of a date, as in `time=`, `"time":` and `date:`. */
const NAMED = new RegExp(String.raw`([A-Za-z@_$][\w@$.-]{0,40})(["'\\]*\s*[:=])${MARKS}`);

/** Matches the name of a file or program, with which grep and syslog begin a line. */
const PREFIX = /^[^{"'=]{0,80}:\s*$/;

/** Matches the text between the date that syslog adds and the date that the program itself wrote. */
const BETWEEN_DATES = /^(?:\W*|\s+\S+\s+[^\s:]+:\s*)$/;

/**
 * Matches a time since 1970 at the beginning of a line, perhaps after the prefix of `docker compose`: seconds with a
 * fraction, milliseconds, microseconds or nanoseconds. Whole seconds look like an id.
 */
const NUMBER = /^(?:[\w./-]{1,64}[ \t]*\|[ \t]?)?[[("']?(\d{10}\.\d{1,9}|\d{13}|\d{16}|\d{19})(?=[\s,;|:\])"'])/;

/** Tells whether a date is the time of its line: certainly (`own`), possibly (`perhaps`), or not (`other`). */
function kindOf({ index }: FoundDate, text: string): 'own' | 'perhaps' | 'other' {
  const before = text.slice(Math.max(0, index - LONGEST_BEFORE), index);
  if (OF_SOMETHING_ELSE.test(before)) return 'other';
  const [, name, mark] = NAMED.exec(before) ?? [];
  if (name === undefined) return 'own';
  const rank = rankOfTimeName(name);
  if (rank !== undefined) return isWeakRank(rank) ? 'perhaps' : 'own';
  return mark === ':' && !isOtherMoment(name) && PREFIX.test(text.slice(0, index)) ? 'own' : 'other';
}

/**
 * Finds the time of a line. The first date counts, even without a zone, because later dates are more often about other
 * things.
 */
function timesIn(text: string): Times {
  const origin = { isWeak: false, isNameless: true, took: 0 };
  const dates = datesIn(text);
  const first = dates.find((date) => kindOf(date, text) === 'own') ?? dates.find((date) => kindOf(date, text) === 'perhaps');
  if (first === undefined) {
    const time = timeOfValue(NUMBER.exec(text)?.[1]);
    return { time, recorded: time, ...(time !== undefined && { timeOrigin: origin }) };
  }
  const isAgain = ({ index, time }: FoundDate) => {
    if (time === undefined || index < first.end) return false;
    const rank = rankOfTimeName(NAMED.exec(text.slice(Math.max(0, index - LONGEST_BEFORE), index))?.[1] ?? '');
    return (rank !== undefined && !isWeakRank(rank)) || BETWEEN_DATES.test(text.slice(first.end, index));
  };
  const { time, recorded } = first.time === undefined ? (dates.find(isAgain) ?? first) : first;
  return { time, recorded, timeOrigin: origin };
}

/**
 * Adds the times of a line to a mention. A mention keeps its own time if the name of this time is not weak: see {@link
 * isWeakRank}.
 */
export function withTimes(mention: Mention, times: Times): Mention {
  if (times.recorded === undefined) return mention;
  const { time, recorded, timeOrigin } = mention.timeOrigin?.isWeak ? times : mention;
  return {
    ...mention,
    time: time ?? times.time,
    recorded: recorded ?? time ?? times.recorded,
    timeOrigin: time === undefined ? times.timeOrigin : timeOrigin,
  };
}
