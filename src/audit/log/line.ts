/** What a line has outside of its values: the time that stands before them, and handles. */
import { type Mention, merged } from './mention.ts';
import { localTimeInText, timeInText } from './times.ts';

/** A time, and the same also without a zone. */
export type Times = Pick<Mention, 'time' | 'recorded'>;

export interface Line {
  /** Adds text that stands before the next value of the line. */
  lead(text: string): void;
  /** The times that stand before the values of the line. */
  times(): Times;
  /** The times that stand before a place in text that is not a part of the lead yet. */
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

function timesIn(text: string): Times {
  const time = timeInText(text);
  return { time, recorded: time ?? localTimeInText(text) };
}

/** A mention with the times of its line. Its own time comes first. */
export function withTimes(mention: Mention, { time, recorded }: Times): Mention {
  return { ...mention, time: mention.time ?? time, recorded: mention.recorded ?? mention.time ?? recorded };
}
