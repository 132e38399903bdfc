/**
 * Tells what an audit did not understand. Otherwise a report without findings would look like proof that nothing is
 * wrong.
 */
import { counted } from '../scan/words.ts';
import { SEVERITIES, type Severity } from './findings.ts';

/** How many things the audit did not understand. If all numbers are 0, the audit understood everything in the logs. */
export interface Unread {
  /** The number of places at which the log does not tell whether a handle was presented or issued. */
  readonly untold: number;
  /** The number of texts that begin like a handle, but were cut or changed. */
  readonly incomplete: number;
  /** The number of broken JSON texts that contain a handle. */
  readonly broken: number;
  /**
   * The number of parts that were not read:
   *
   * - binary data
   * - base64 that was cut, or is packed in an unknown format
   * - values that are not strings, although their record says that they are base64
   */
  readonly packed: number;
  /**
   * The number of handles whose uses have no known order. One of the uses may be a replay. Possible causes:
   *
   * - The handles stand without times in several logs, or in several members of one object.
   * - The dates of their lines have two readings, or are all the same.
   * - The clock of their log was set.
   * - Their log has no times, and an answer stands before its request.
   */
  readonly unordered: number;
  /** The number of handles of unknown tasks: no ring was given, and the log does not tell the task. */
  readonly unopened: number;
}

/** The parts of a report that say how much was understood. */
interface Understanding {
  readonly read: { readonly mentions: number };
  readonly unread: Unread;
}

/** The other parts of a report that decide its conclusion. */
interface ConcludedFrom {
  readonly read: { readonly handles: number };
  readonly findings: readonly { readonly severity: Severity }[];
}

/**
 * Tells whether the audit understood everything. Only then does a report without findings mean that nothing is wrong.
 *
 * @example
 * ```ts
 * import { type AuditReport, isComplete } from 'waxseal/audit';
 *
 * const isClean = (report: AuditReport) => isComplete(report) && report.findings.length === 0;
 * ```
 */
export function isComplete({ unread }: Pick<Understanding, 'unread'>): boolean {
  return Object.values(unread).every((count) => count === 0);
}

/**
 * Returns a line of text for each number in `unread` that is not 0.
 *
 * @example
 * ```ts
 * import { type AuditReport, unreadLines } from 'waxseal/audit';
 *
 * const warn = (report: AuditReport) => unreadLines(report).forEach((line) => console.warn(line));
 * ```
 */
export function unreadLines({ read, unread: { untold, incomplete, broken, packed, unordered, unopened } }: Understanding): string[] {
  return [
    unopened > 0 && `${counted(unopened, 'handle')} whose task is unknown: no ring was given, and the log does not tell the task`,
    untold > 0 &&
      `at ${untold.toLocaleString('en')} of ${counted(read.mentions, 'place')} nothing tells whether a handle was presented or issued`,
    incomplete > 0 && `${counted(incomplete, 'cut or changed handle')} that nobody can open`,
    broken > 0 && `${counted(broken, 'place')} with a handle in broken JSON`,
    packed > 0 && `${counted(packed, 'part')} in base64 or binary data that could not be read: the data is packed, cut or not text`,
    unordered > 0 &&
      `${counted(unordered, 'handle')} whose uses have no known order, so the audit would not notice a replay: times are missing or equal, dates have two readings, the clock was set, or an answer stands before its request`,
  ].filter((line) => line !== false);
}

/**
 * Returns the conclusion of an audit as text. The text is "No findings." only if the audit found handles and understood
 * everything.
 *
 * @example
 * ```ts
 * import { type AuditReport, conclusionOn } from 'waxseal/audit';
 *
 * const say = (report: AuditReport) => console.log(conclusionOn(report));
 * ```
 */
export function conclusionOn({ read, findings, unread }: Understanding & ConcludedFrom): string {
  if (read.handles === 0)
    return "The log has no handle, so nothing was audited. A server's own log and a redacted log have only fingerprints. Audit the log of a client or of a gateway, before it is redacted.";
  if (findings.length === 0) return isComplete({ unread }) ? 'No findings.' : 'No findings in what could be read.';
  const counts = SEVERITIES.map((severity) => `${findings.filter((finding) => finding.severity === severity).length} ${severity}`);
  return `${counted(findings.length, 'finding')}: ${counts.join(', ')}.`;
}
