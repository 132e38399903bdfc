/**
 * The audit of a log: every handle in it, opened and verified offline where there is a ring, in the lineage of its task,
 * and what is wrong with them. Runs anywhere; reads no file and asks nobody.
 */
import type { Ring } from '../keys/index.ts';
import { findHandles, HANDLE_PREFIX, LONGEST_HANDLE } from '../scan/index.ts';
import { createLedger, type Sighting } from './ledger.ts';
import { readLine } from './records.ts';
import { type AmountRead, type AuditReport, reportOn } from './report.ts';
import { type Stretch, stretchesOf } from './stretches.ts';

export interface AuditOptions {
  /** An inspector ring is enough. Absent: handles are not opened. */
  readonly ring?: Ring | undefined;
  /** The member of a line of JSON that names the caller; dots lead into objects, as in `req.user`. Absent: callers are not compared. */
  readonly callerField?: string | undefined;
}

export interface Audit {
  /**
   * Reads a log to its end; one after the other. Chunks may be cut anywhere.
   *
   * @param source what to call it
   */
  read(source: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<void>;
  /** How much it has read. */
  readonly progress: AmountRead;
  /** What was found so far. @param now seconds since 1970 */
  report(now: number): AuditReport;
}

/** Begins an audit of one or more logs. What it remembers grows with the different handles in them, and with nothing else. */
export function createAudit({ ring, callerField }: AuditOptions = {}): Audit {
  const ledger = createLedger(ring);
  const callerPath = callerField?.split('.');
  let [sources, characters, lines, mentions] = [0, 0, 0, 0];

  /** What stands in a stretch that begins on a line of its source. */
  function* sightingsIn({ text, whole, upTo }: Stretch, source: string, firstLine: number): Generator<Sighting> {
    let [start, line] = [0, firstLine];
    for (let at = text.indexOf(HANDLE_PREFIX); at !== -1 && at < upTo; ) {
      const [count, last] = countLines(text, start, at);
      [start, line] = [last, line + count];
      const position = { source, line, order: lines + line - firstLine };
      const end = whole ? endOfLine(text, at) : text.length;
      if (whole) {
        const { mentions, time, caller } = readLine(text.slice(start, end), callerPath);
        for (const mention of mentions) yield { ...mention, caller, position: time === undefined ? position : { ...position, time } };
      } else {
        const found = [...findHandles(text)].filter(({ index, length }) => index < upTo && length <= LONGEST_HANDLE);
        for (const one of found) yield { found: one, role: 'mentioned', position };
      }
      at = text.indexOf(HANDLE_PREFIX, end);
    }
  }

  return {
    async read(source, chunks) {
      sources += 1;
      let line = 1;
      let unfinished = false;
      for await (const stretch of stretchesOf(chunks)) {
        const sightings = [...sightingsIn(stretch, source, line)];
        mentions += sightings.length;
        if (sightings.length > 0) await ledger.add(sightings);
        const read = Math.min(stretch.upTo, stretch.text.length);
        const [count] = countLines(stretch.text, 0, read);
        characters += read;
        lines += count;
        line += count;
        unfinished = !stretch.text.endsWith('\n');
      }
      if (unfinished) lines += 1;
    },
    get progress() {
      return { sources, lines, characters, mentions };
    },
    report: (now) => reportOn(ledger, { sources, lines, characters, mentions }, ring !== undefined, now),
  };
}

/** How many line breaks there are in a part of a text, and where its last line begins. */
function countLines(text: string, start: number, end: number): [count: number, last: number] {
  let [count, last] = [0, start];
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) {
    count += 1;
    last = at + 1;
  }
  return [count, last];
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
