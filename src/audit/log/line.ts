/** What a line has outside of its values: the time that stands before them, and handles. */
import { type Mention, merged } from './mention.ts';
import { timeInText } from './times.ts';

export interface Line {
  /** Adds text that stands before the next value of the line. */
  lead(text: string): void;
  /** The time that stands before the values of the line, if any: seconds since 1970. */
  time(): number | undefined;
  /** The time that stands before a place in text that is not a part of the lead yet. */
  timeBefore(text: string): number | undefined;
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
  let [lead, time, isTimed] = ['', undefined as number | undefined, false];
  let held: Mention[] = [];

  function release(): void {
    if (held.length > 0) take(merged(held));
    held = [];
  }

  return {
    lead(text) {
      if (!isTimed && lead.length < longest) lead += text.slice(0, longest);
    },
    time() {
      if (!isTimed) [time, isTimed] = [timeInText(lead), true];
      return time;
    },
    timeBefore: (text) => timeInText(lead + text.slice(0, longest)),
    hold(mentions) {
      for (const mention of mentions) held.push(mention);
    },
    get held() {
      return held.length;
    },
    release,
    end() {
      release();
      [lead, time, isTimed] = ['', undefined, false];
    },
  };
}
