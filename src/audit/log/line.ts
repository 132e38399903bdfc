/** Keeps what a line has outside of its values: the time before the values, and handles. */
import { type Mention, merged } from './mention.ts';
import { datesIn, type FoundDate, isOtherMoment, isWeakRank, rankOfTimeName } from './times.ts';

/** A time with a zone, a time with or without a zone (`recorded`), and what tells them. */
export type Times = Pick<Mention, 'time' | 'recorded' | 'teller'>;

export interface Line {
  /** Adds text that stands before the next value of the line. */
  lead(text: string): void;
  /** The times that stand before the values of the line. */
  times(): Times;
  /** The times before a place of the line. @param text the text before this place that {@link lead} has not taken yet */
  timesBefore(text: string): Times;
  /** Keeps mentions outside of values. */
  hold(mentions: readonly Mention[]): void;
  /** How many mentions are kept. */
  readonly held: number;
  /** Gives out what is kept. */
  release(): void;
  /** The line has ended: gives out what is kept, and begins another. */
  end(): void;
}

/**
 * @param longest how many characters before a value are looked at for a time
 * @param take takes the mentions
 */
export function createLine(longest: number, take: (mentions: readonly Mention[]) => void): Line {
  let [lead, times] = ['', undefined as Times | undefined];
  let held: Mention[] = [];

  function release(): void {
    if (held.length > 0) take(merged(held));
    held = [];
  }

  return {
    lead(text) {
      if (times === undefined && lead.length < longest) lead += text.slice(0, longest);
    },
    times() {
      times ??= timesIn(lead);
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
      [lead, times] = ['', undefined];
    },
  };
}

/** How much of the text before a date tells what the date is about, in characters. */
const LONGEST_BEFORE = 80;

/** What may stand between a word and its date: marks, and the day of the week. */
const MARKS = String.raw`["'\\\s:=([<>-]*(?:[A-Z][a-z]{2}, )?$`;

/** Words before a date that is a deadline, the bound of a range, or the time of something else. */
const OF_SOMETHING_ELSE = new RegExp(
  String.raw`(?<![a-z])(?:expir\w*|exp|until|till|valid\w*|deadline|due|since|before|after|from|to|by|than|renew\w*|reset\w*|retry\w*|modified|updated|created|ends?|ended|last|next|nbf|iat)[\s_.-]?(?:at|on|is|was|in|by)?${MARKS}`,
  'i',
);

/** The name of a date, as in `time=`, `"time":` and `date:`. */
const NAMED = new RegExp(String.raw`([A-Za-z@_$][\w@$.-]{0,40})(["'\\]*\s*[:=])${MARKS}`);

/** The beginning of a line that names its file or its program, as grep and syslog write it. */
const PREFIX = /^[^{"'=]{0,80}:\s*$/;

/** What stands between the date that syslog adds and the one that the program wrote. */
const BETWEEN_DATES = /^(?:\W*|\s+\S+\s+[^\s:]+:\s*)$/;

/** Whether a date is the time of its line: surely (`own`), or perhaps, or not. */
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
 * The time in the text before a value. The first date counts, even if it has no zone, because later dates are more often
 * the times of other things.
 */
function timesIn(text: string): Times {
  const dates = datesIn(text);
  const first = dates.find((date) => kindOf(date, text) === 'own') ?? dates.find((date) => kindOf(date, text) === 'perhaps');
  if (first === undefined) return { time: undefined, recorded: undefined };
  const isAgain = ({ index, time }: FoundDate) => {
    if (time === undefined || index < first.end) return false;
    const rank = rankOfTimeName(NAMED.exec(text.slice(Math.max(0, index - LONGEST_BEFORE), index))?.[1] ?? '');
    return (rank !== undefined && !isWeakRank(rank)) || BETWEEN_DATES.test(text.slice(first.end, index));
  };
  const { time, recorded } = first.time === undefined ? (dates.find(isAgain) ?? first) : first;
  return { time, recorded, teller: { isWeak: false, isNameless: true, took: 0 } };
}

/** Adds the times of its line to a mention. The mention's own time counts first, unless the name of that time is weak. */
export function withTimes(mention: Mention, times: Times): Mention {
  if (times.recorded === undefined) return mention;
  const { time, recorded, teller } = mention.teller?.isWeak ? times : mention;
  return {
    ...mention,
    time: time ?? times.time,
    recorded: recorded ?? time ?? times.recorded,
    teller: time === undefined ? times.teller : teller,
  };
}
