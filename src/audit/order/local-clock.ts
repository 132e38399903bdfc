/**
 * Makes the local times of one log continuous. A local time has no zone, and may have no year, so a clock that goes on
 * seems to be set back at the end of summer time and at New Year.
 */
import { isWithoutYear, type Recorded, readingOf, shifted } from '../log/times/times.ts';

const HOUR = 3600;
/** The year 2000 stands for a year that the log does not tell. It has 366 days. */
const YEAR = 366 * 24 * HOUR;

/** The longest time between two lines over the end of summer time, in seconds. After a longer time, the order is unknown. */
const LONGEST_PAUSE = 600;

export interface LocalClock {
  /** Returns a local time, moved so that it continues the times before it. */
  moved(recorded: Recorded): Recorded;
  /** Follows the clock to the next record. Tells whether the clock may have been set here, because summer time may end. */
  follow(recorded: Recorded): boolean;
}

export function createLocalClock(): LocalClock {
  let [offset, latest] = [0, undefined as Recorded | undefined];
  return {
    moved: (recorded) => shifted(recorded, offset),
    follow(recorded) {
      const isComparable = latest !== undefined && isWithoutYear(recorded) === isWithoutYear(latest);
      const step = isComparable ? readingOf(recorded, 0) - readingOf(latest as Recorded, 0) : 0;
      const mayEndSummer = step !== 0 && Math.abs(step) <= HOUR && mayBeEndOfSummer(recorded);
      latest = recorded;
      if (isWithoutYear(recorded) && Math.abs(step) > YEAR / 2) offset -= Math.sign(step) * YEAR;
      const isEnd = mayEndSummer && step <= LONGEST_PAUSE - HOUR;
      if (isEnd) offset += HOUR;
      return mayEndSummer && !isEnd;
    },
  };
}

/** Tells whether a local time is in the first hours of a Sunday, in which summer time ends. */
function mayBeEndOfSummer(recorded: Recorded): boolean {
  return [0, 1].some((reading) => {
    const date = new Date(readingOf(recorded, reading) * 1000);
    return date.getUTCDay() === 0 && date.getUTCHours() < 3;
  });
}
