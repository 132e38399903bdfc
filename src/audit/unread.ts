/** What an audit did not understand: it is told, so that nobody takes it for nothing. */
import { counted } from '../scan/words.ts';
import { SEVERITIES, type Severity } from './findings.ts';

/** What was not understood of what was read. Where all of it is 0, what is not found is not there. */
export interface Unread {
  /** At how many places nothing tells whether a handle was presented or issued. */
  readonly untold: number;
  /** What begins as a handle and is none: it was cut or changed. */
  readonly incomplete: number;
  /** What began as JSON and did not go on as JSON, with a handle in it or behind it. */
  readonly broken: number;
  /** Handles of which nothing tells whether they came up again after a later one: they stand in several logs, and not all lines have a time. */
  readonly unordered: number;
}

/** A part of a report. */
interface Understanding {
  readonly read: { readonly mentions: number };
  readonly unread: Unread;
}

/** The rest of a report that a conclusion rests on. */
interface ConcludedFrom {
  readonly read: { readonly handles: number };
  readonly findings: readonly { readonly severity: Severity }[];
}

/** Whether everything was understood: only then does no finding mean that nothing is there. */
export function isComplete({ unread }: Pick<Understanding, 'unread'>): boolean {
  return Object.values(unread).every((count) => count === 0);
}

/** What was not understood, each in a line; none where everything was. */
export function unreadLines({ read, unread: { untold, incomplete, broken, unordered } }: Understanding): string[] {
  return [
    untold > 0 &&
      `at ${untold.toLocaleString('en')} of ${counted(read.mentions, 'place')} nothing tells whether a handle was presented or issued`,
    incomplete > 0 && `${counted(incomplete, 'handle')} cut or changed, which cannot be looked at`,
    broken > 0 && `${counted(broken, 'place')} where something began as JSON, with a handle, and did not go on as JSON`,
    unordered > 0 &&
      `${counted(unordered, 'handle')} in several logs, where lines without a time do not tell what came first: no replay was looked for`,
  ].filter((line) => line !== false);
}

/** What an audit comes to, in one sentence. "No findings." stands only where something was read, and all of it was understood. */
export function conclusionOn({ read, findings, unread }: Understanding & ConcludedFrom): string {
  if (read.handles === 0)
    return "No handle stands in it, so nothing was audited. (A server's own log has fingerprints only: read a client's or a gateway's.)";
  if (findings.length === 0) return isComplete({ unread }) ? 'No findings.' : 'No findings in what could be read.';
  const counts = SEVERITIES.map((severity) => `${findings.filter((finding) => finding.severity === severity).length} ${severity}`);
  return `${counted(findings.length, 'finding')}: ${counts.join(', ')}.`;
}
