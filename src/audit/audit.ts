/**
 * Audits logs: finds handles, verifies them offline with a ring, and reports what is wrong. A mention is a handle, or a
 * compressed text that may contain handles, at one place of a log. This module reads no file and uses no network.
 */
import type { Ring } from '../keys/index.ts';
import { createLedger, type Sighting } from './ledger.ts';
import { filled, type Mention } from './log/mention.ts';
import { createLogReader } from './log/read-log.ts';
import { followLog, newSource } from './order/order.ts';
import { type PackedText, unpack } from './packed.ts';
import { type AmountRead, type AuditReport, reportInSteps } from './report.ts';

/** The options of an audit. */
export interface AuditOptions {
  /** The ring that opens the handles. An inspector ring is enough. Without a ring, the audit opens no handle. */
  readonly ring?: Ring | undefined;
  /**
   * The member of a log record that names the caller. A dot leads into an object: `req.user` is the member `user` of
   * the object `req`. Without this option, callers are not compared.
   */
  readonly callerField?: string | undefined;
  /**
   * The audit awaits this function after every few handles. A page can draw meanwhile. Without this function, the audit
   * does not pause.
   */
  readonly pause?: (() => Promise<void>) | undefined;
}

/** How many mentions are processed between two pauses. Opening their handles takes about 10 ms. */
const BETWEEN_PAUSES = 32;

/** What a handle in a compressed text takes over from the mention of that text. */
const CONTEXT = ['role', 'time', 'recorded', 'timeOrigin', 'caller', 'session'] as const;

type MentionOfHandle = Mention & { readonly found: Sighting['found'] };

function isOfHandle(mention: Mention): mention is MentionOfHandle {
  return 'handle' in mention.found;
}

/** An audit of one or more logs. */
export interface Audit {
  /**
   * Reads a log to its end. Await this call before you read the next log. The text may be cut anywhere between two
   * chunks.
   *
   * @param source the name of the log in the report
   * @param chunks the text of the log
   */
  read(source: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<void>;
  /** How much the audit has read so far. */
  readonly progress: AmountRead;
  /**
   * Makes the report on everything that was read so far.
   *
   * @param now seconds since 1970
   */
  report(now: number): AuditReport;
  /**
   * Makes the report step by step. The caller can do other work between two steps. The last step returns the report.
   *
   * @param now seconds since 1970
   */
  reportInSteps(now: number): Generator<void, AuditReport, void>;
}

/**
 * Begins an audit of one or more logs. The audit's memory grows with the number of different handles, and not with the
 * length of the logs.
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

  /** Replaces each compressed text by the handles in it. */
  async function unpacked(mentions: readonly Mention[]): Promise<MentionOfHandle[]> {
    const all: MentionOfHandle[] = [];
    for (const mention of mentions) {
      if (isOfHandle(mention)) all.push(mention);
      else for (const inner of await mentionsWithin(mention, mention.found as PackedText)) all.push(inner);
    }
    return all;
  }

  /**
   * Finds the handles in a compressed text. If the mention of such a handle lacks a member, such as the time, it gets the
   * member from `outer`, which is the mention of the compressed text.
   */
  async function mentionsWithin(outer: Mention, packed: PackedText): Promise<MentionOfHandle[]> {
    const { text, isWhole } = await unpack(packed);
    // Random data often begins like zlib data, so broken zlib data counts as unread only if some of it could
    // be unpacked. Broken gzip data always counts.
    if (!isWhole && (text !== '' || packed.format === 'gzip')) unread.packed += 1;
    const found: MentionOfHandle[] = [];
    let count = 0;
    const reader = createLogReader({
      callerPath,
      unread,
      // These places lie between the place of the compressed text and the next place of the log.
      nextPlace: () => {
        count += 1;
        return outer.place + count / (count + 1);
      },
      take(mentions) {
        for (const mention of mentions) {
          // Compressed data within compressed data stays packed: a hostile log could nest it without end.
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
          const { found, role, info, caller, call: id, alias, tool, phase, seat, session, message, isMended, isStreamed } = mention;
          return {
            found,
            role,
            info,
            caller,
            call: id === undefined ? undefined : { id, alias, tool, phase, seat, session },
            isStreamed,
            message,
            isMended,
            isNameless: mention.timeOrigin?.isNameless,
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
