/**
 * Audits logs: finds every handle, opens and verifies it offline with a ring, orders the handles into the lineages of
 * their tasks, and reports what is wrong. This module runs anywhere. It reads no file and asks nobody.
 */
import type { Ring } from '../keys/index.ts';
import { createLedger, type Sighting } from './ledger.ts';
import { filled, type Mention } from './log/mention.ts';
import { createLogReader } from './log/read-log.ts';
import { followLog, newSource } from './order.ts';
import { type PackedText, unpack } from './packed.ts';
import { type AmountRead, type AuditReport, reportInSteps } from './report.ts';

export interface AuditOptions {
  /** The ring that opens the handles. An inspector ring is enough. Without a ring no handle is opened. */
  readonly ring?: Ring | undefined;
  /** The member of a record that names the caller. Dots lead into objects, as in `req.user`. Without it callers are not compared. */
  readonly callerField?: string | undefined;
  /** Is awaited after every few handles, so that a page can draw. Without it the audit goes on at once. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** How many places are taken between two pauses. Opening their handles takes about 10 ms. */
const BETWEEN_PAUSES = 32;

/** The members that the handles in a compressed text take over from the mention of this text. */
const CONTEXT = ['role', 'time', 'recorded', 'teller', 'caller', 'session'] as const;

/** A mention of a handle, and not of a compressed text. */
type MentionOfHandle = Mention & { readonly found: Sighting['found'] };

function isOfHandle(mention: Mention): mention is MentionOfHandle {
  return 'handle' in mention.found;
}

export interface Audit {
  /**
   * Reads a log to its end. Read one log after the other. Chunks may be cut anywhere.
   *
   * @param source the name of the log in the report
   */
  read(source: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<void>;
  /** How much was read so far. */
  readonly progress: AmountRead;
  /** The report on what was read so far. @param now seconds since 1970 */
  report(now: number): AuditReport;
  /** Makes the report step by step, so that its caller can do something else between two steps. The last step returns the report. */
  reportInSteps(now: number): Generator<void, AuditReport, void>;
}

/**
 * Begins an audit of one or more logs. Its memory grows with the number of different handles, and with nothing else.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { conclusionOn, createAudit } from 'waxseal/audit';
 * import { systemClock } from 'waxseal/handle';
 * import { parseDelivered } from 'waxseal/keys';
 *
 * const ring = await parseDelivered(await readFile('inspector.jwks', 'utf8'));
 * const audit = createAudit({ ring });
 * await audit.read('server.log', [await readFile('server.log', 'utf8')]);
 * console.log(conclusionOn(audit.report(systemClock())));
 * ```
 */
export function createAudit({ ring, callerField, pause }: AuditOptions = {}): Audit {
  const ledger = createLedger(ring);
  const callerPath = callerField?.split('.') ?? [];
  const unread = { incomplete: 0, broken: 0, packed: 0 };
  let [sources, characters, linesBefore, lines, mentioned, places] = [0, 0, 0, 0, 0, 0];
  const progress = () => ({ sources, lines: linesBefore + lines, characters, mentions: mentioned });

  /** Replaces the mention of each compressed text by the mentions of the handles in it. */
  async function unpacked(mentions: readonly Mention[]): Promise<MentionOfHandle[]> {
    const all: MentionOfHandle[] = [];
    for (const mention of mentions) {
      if (isOfHandle(mention)) all.push(mention);
      else for (const inner of await mentionsWithin(mention, mention.found as PackedText)) all.push(inner);
    }
    return all;
  }

  /** Returns the mentions in a compressed text. The mention of the text fills the members that they lack. */
  async function mentionsWithin(outer: Mention, packed: PackedText): Promise<MentionOfHandle[]> {
    const { text, isWhole } = await unpack(packed);
    // Two bytes of random data often look like the beginning of zlib's format.
    if (!isWhole && (text !== '' || packed.format === 'gzip')) unread.packed += 1;
    const found: MentionOfHandle[] = [];
    let count = 0;
    const reader = createLogReader({
      callerPath,
      unread,
      // The places lie between that of the outer mention and the next whole number, however many mentions the text has.
      nextPlace: () => {
        count += 1;
        return outer.place + count / (count + 1);
      },
      take(mentions) {
        for (const mention of mentions) {
          // Nobody packs twice, and a hostile log would do so without an end.
          if (!isOfHandle(mention)) unread.packed += 1;
          else found.push({ ...filled(mention, outer, CONTEXT), line: outer.line });
        }
      },
    });
    reader.push(text);
    reader.end();
    return found;
  }

  return {
    async read(name, chunks) {
      const positionOf = followLog(newSource(name, sources));
      sources += 1;
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
        const mentions = await unpacked(found);
        found = [];
        const sightings = mentions.map((mention): Sighting => {
          const { found, role, info, caller, call: id, alias, tool, seat, session, message, isMended, isStreamed } = mention;
          return {
            found,
            role,
            info,
            caller,
            call: id === undefined ? undefined : { id, alias, tool, seat, session },
            isStreamed,
            message,
            isMended,
            isNameless: mention.teller?.isNameless,
            position: positionOf(mention),
          };
        });
        mentioned += sightings.length;
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
