/** Tells what an audit did not understand, so that nobody takes a lack of findings for proof that nothing is wrong. */
import { counted } from '../scan/words.ts';
import { SEVERITIES, type Severity } from './findings.ts';

/** The numbers of things that the audit did not understand. If all of them are 0, the audit has found everything that is there. */
export interface Unread {
  /** The number of places at which the log does not tell whether a handle was presented or issued. */
  readonly untold: number;
  /** The number of texts that begin as a handle, but were cut or changed. */
  readonly incomplete: number;
  /** The number of texts with a handle that begin as JSON and do not go on as JSON. */
  readonly broken: number;
  /**
   * The number of parts that were not read: binary data, and base64 that is packed in an unknown format, was cut, or is no
   * text although its record says base64.
   */
  readonly packed: number;
  /**
   * The number of handles that may have come up again after a later handle, but nothing tells the order. They stand without
   * times in several logs or in several members of an object, their dates have two readings or are all the same, or the
   * clock of their log was set.
   */
  readonly unordered: number;
  /** The number of handles that were not opened, because no ring was named, and whose task the log does not tell either. */
  readonly unopened: number;
}

/** A part of a report. */
interface Understanding {
  readonly read: { readonly mentions: number };
  readonly unread: Unread;
}

/** The other parts of a report that decide the conclusion. */
interface ConcludedFrom {
  readonly read: { readonly handles: number };
  readonly findings: readonly { readonly severity: Severity }[];
}

/**
 * Whether everything was understood. Only then an absence of findings means that nothing is wrong.
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
 * One line for each sort of thing that was not understood.
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
    unopened > 0 && `${counted(unopened, 'handle')} that no ring opened, and of which the log does not tell the task`,
    untold > 0 &&
      `at ${untold.toLocaleString('en')} of ${counted(read.mentions, 'place')} nothing tells whether a handle was presented or issued`,
    incomplete > 0 && `${counted(incomplete, 'handle')} cut or changed, which cannot be looked at`,
    broken > 0 && `${counted(broken, 'place')} where something began as JSON, with a handle, and did not go on as JSON`,
    packed > 0 && `${counted(packed, 'part')} in base64 or binary data that could not be read, since it is packed, cut or no text`,
    unordered > 0 &&
      `${counted(unordered, 'handle')} without a known order, in several logs, in members of one object, in lines whose dates have two readings or are all the same, or where the clock was set back: no replay was looked for`,
  ].filter((line) => line !== false);
}

/**
 * The conclusion of an audit, in one sentence. It is "No findings." only if handles were read and everything was understood.
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
    return "The log has no handle, so nothing was audited. A server's own log has only fingerprints. Audit the log of a client or of a gateway.";
  if (findings.length === 0) return isComplete({ unread }) ? 'No findings.' : 'No findings in what could be read.';
  const counts = SEVERITIES.map((severity) => `${findings.filter((finding) => finding.severity === severity).length} ${severity}`);
  return `${counted(findings.length, 'finding')}: ${counts.join(', ')}.`;
}
