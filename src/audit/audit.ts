/**
 * The audit of a log: every handle in it, opened and verified offline where there is a ring, in the lineage of its task,
 * and what is wrong with them. Runs anywhere; reads no file and asks nobody.
 */
import type { Ring } from '../keys/index.ts';
import { createLedger, type Sighting } from './ledger.ts';
import type { Mention } from './log/mention.ts';
import { createLogReader } from './log/read-log.ts';
import type { Source } from './order.ts';
import { type AmountRead, type AuditReport, reportInSteps } from './report.ts';

export interface AuditOptions {
  /** An inspector ring is enough. Absent: handles are not opened. */
  readonly ring?: Ring | undefined;
  /** The member of a record that names the caller; dots lead into objects, as in `req.user`. Absent: callers are not compared. */
  readonly callerField?: string | undefined;
  /** Is awaited after every few handles that were read: a page draws meanwhile. Absent: the audit goes on at once. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** How many places are taken between two pauses: some 10 ms of work where their handles are opened. */
const BETWEEN_PAUSES = 32;

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
  /** The same, step by step, for who has something else to do between two steps. The last step returns the report. */
  reportInSteps(now: number): Generator<void, AuditReport, void>;
}

/** Begins an audit of one or more logs. What it remembers grows with the different handles in them, and with nothing else. */
export function createAudit({ ring, callerField, pause }: AuditOptions = {}): Audit {
  const ledger = createLedger(ring);
  const callerPath = callerField?.split('.') ?? [];
  const unread = { incomplete: 0, broken: 0 };
  let [sources, characters, linesBefore, lines, mentions, places] = [0, 0, 0, 0, 0, 0];
  const progress = () => ({ sources, lines: linesBefore + lines, characters, mentions });

  return {
    async read(name, chunks) {
      const source: Source = { name, index: sources, forwards: 0, backwards: 0 };
      sources += 1;
      let latest: number | undefined;
      let found: Mention[] = [];
      const nextPlace = () => {
        places += 1;
        return places;
      };
      const take = (taken: readonly Mention[]) => {
        for (const mention of taken) found.push(mention);
      };
      const reader = createLogReader({ callerPath, unread, nextPlace, take });

      async function settle(): Promise<void> {
        lines = reader.lines;
        if (found.length === 0) return;
        const sightings = found.map(({ found, role, info, caller, line, time, place }): Sighting => {
          if (time !== undefined && latest !== undefined && time !== latest) source[time > latest ? 'forwards' : 'backwards'] += 1;
          latest = time ?? latest;
          return { found, role, info, caller, position: { source, line, place, ...(time !== undefined && { time }) } };
        });
        found = [];
        mentions += sightings.length;
        for (let at = 0; at < sightings.length; at += BETWEEN_PAUSES) {
          await ledger.add(pause === undefined ? sightings : sightings.slice(at, at + BETWEEN_PAUSES));
          if (pause === undefined) break;
          await pause();
        }
      }

      for await (const chunk of chunks) {
        characters += chunk.length;
        reader.push(chunk);
        await settle();
      }
      reader.end();
      await settle();
      [linesBefore, lines] = [linesBefore + lines, 0];
    },
    get progress() {
      return progress();
    },
    report(now) {
      const steps = this.reportInSteps(now);
      for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
    },
    reportInSteps: (now) => reportInSteps({ ring, ledger, progress: progress(), unread }, now),
  };
}
