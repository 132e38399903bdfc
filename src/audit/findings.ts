/** Makes the findings of an audit, each with its severity. */
import { utc } from '../handle/index.ts';
import { counted } from '../scan/words.ts';
import type { Entry, Ledger } from './ledger.ts';
import { forksIn, groupBy, type Revision } from './lineage.ts';
import { byAppearance, firstOf, isBefore, type Position } from './order/order.ts';
import { replaysIn } from './replays.ts';

/** The severities of findings, the most severe first. */
export const SEVERITIES = ['high', 'medium', 'low'] as const;
/** One of the {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number];

/** The types of findings. `waxseal audit --help` describes each type. */
export type FindingType =
  | 'altered'
  | 'fork'
  | 'wrong_caller'
  | 'incomplete'
  | 'encrypted_anew'
  | 'replay'
  | 'revoked_key'
  | 'used_after_expiry'
  | 'contradicted_info'
  | 'gap'
  | 'other_ring';

/** Something wrong that an audit has found in logs. */
export interface Finding {
  readonly severity: Severity;
  readonly type: FindingType;
  /** Whether the finding rests on verified claims. If false, it rests on the values beside the handles in the log. */
  readonly verified: boolean;
  /** The id of the task. Absent if the task is unknown. */
  readonly task?: string;
  readonly message: string;
  /** The number of handles that the finding is about. */
  readonly handles: number;
  /** The fingerprints of the first 10 of these handles. */
  readonly fingerprints: readonly string[];
  /** The position in the logs to look at first. */
  readonly position: Position;
}

const MOST_FINGERPRINTS = 10;

/** Ends the message of an uncertain finding with the reason. */
const DOUBTS = {
  order: ', but the order is not certain: the clocks of two logs may differ, or the lines of one log have no clear order',
  repetition: ', but the logs contain an earlier copy of the message or call: it was either logged twice or made twice',
};

/**
 * Makes the findings on one task.
 *
 * @returns the findings, and the number of handles whose uses have no known order
 */
export function taskFindings(task: string, lineage: readonly Revision[]): { findings: Finding[]; unordered: number } {
  const verified = lineage.every(({ entry }) => entry.outcome === 'opened');
  const { replays, unordered } = replaysIn(lineage);
  const finding = (severity: Severity, type: FindingType, about: readonly Entry[], position: Position, message: string): Finding => ({
    ...toFinding(severity, type, about, position, message),
    verified,
    task,
  });
  const findings = [
    ...forksIn(lineage).map((fork) => {
      const entries = fork.map(({ entry }) => entry).sort((a, b) => byAppearance(a.first, b.first));
      const [first, second] = entries as [Entry, Entry];
      const revision = fork[0]?.description.revision;
      const isOrdered = isBefore(first.first, second.first);
      const where = isOrdered
        ? `first in ${at(first.first)}, then in ${at(second.first)}`
        : `in ${at(first.first)} and in ${at(second.first)}`;
      const message = `${fork.length} different handles are revision ${revision}: ${where}. The task was updated more than once from one handle.`;
      return finding(verified ? 'high' : 'medium', 'fork', entries, second.first, message);
    }),
    ...strangersIn(lineage).map(({ entry, position, names: [first, other] }) =>
      finding(
        verified ? 'high' : 'medium',
        'wrong_caller',
        [entry],
        position,
        `The caller is ${quote(other)} here, and ${quote(first)} elsewhere.`,
      ),
    ),
    ...lineage.flatMap(({ entry, original }) =>
      original === undefined
        ? []
        : finding('medium', 'encrypted_anew', [entry, original.entry], entry.first, aboutCopy(entry, original.entry)),
    ),
    ...replays.map(({ revision: { entry, description }, newer, position, presented, doubt, again }) => {
      const what = `Revision ${description.revision} is ${presented ? 'presented' : 'mentioned'} after revision ${newer} was seen`;
      const message = `${what}${doubt === undefined ? '' : DOUBTS[doubt]}${andAgain(again)}.`;
      return finding(verified && presented && doubt === undefined ? 'medium' : 'low', 'replay', [entry], position, message);
    }),
    ...lineage.flatMap(({ entry, description }) => {
      const use = useAfter(entry, description.expiresAt);
      if (use === undefined) return [];
      const { presented, repeats, position } = use;
      const what = `Revision ${description.revision} is ${presented ? 'presented' : 'mentioned'} after it expired at ${utc(description.expiresAt)}`;
      const message = `${what}${repeats === undefined ? '' : DOUBTS.repetition}.`;
      return finding(verified && presented && repeats === undefined ? 'medium' : 'low', 'used_after_expiry', [entry], position, message);
    }),
    ...lineage.flatMap(({ entry }) =>
      entry.contradicted === undefined
        ? []
        : finding(
            'medium',
            'contradicted_info',
            [entry],
            entry.contradicted,
            'The values of x_info beside the handle are not the values in the handle.',
          ),
    ),
    ...lineage.flatMap(({ entry, description, parent }) =>
      description.previous === undefined || parent !== undefined
        ? []
        : finding(
            'low',
            'gap',
            [entry],
            entry.first,
            `Revision ${description.revision} replaces ${description.previous}, which is not in the log.`,
          ),
    ),
  ];
  return { findings, unordered };
}

/**
 * Says who may have made a copy. Compressors differ in their DEFLATE output (RFC 1951 §4), so a compressed copy may
 * also come from a second replica.
 */
function aboutCopy(copy: Entry, original: Entry): string {
  const said = `The handle has the same signed claims as ${original.fingerprint}, but another ciphertext`;
  return copy.compressed || original.compressed
    ? `${said}. Either somebody without the signing key encrypted these claims anew, or a second replica compressed them with another program.`
    : `${said}. Somebody without the signing key encrypted these claims anew.`;
}

/** Makes the findings on handles that were not opened. The task of such a handle is unknown. */
export function strayFindings(ledger: Ledger): Finding[] {
  const entries = [...ledger.entries.values()];
  const altered = entries.filter(({ outcome }) => outcome === 'altered');
  const byKey = (type: 'revoked_key' | 'unknown_key') =>
    [
      ...groupBy(
        entries.filter(({ outcome }) => outcome === type),
        ({ kid }) => kid,
      ),
    ] as [string, [Entry, ...Entry[]]][];
  return [
    ...(ledger.overflow === undefined
      ? []
      : [
          toFinding(
            'high',
            'incomplete',
            [],
            ledger.overflow,
            `There are more than ${entries.length} different handles. From here on, new handles were left out. Audit the log in parts.`,
          ),
        ]),
    ...altered.map((entry) => {
      const message = `The ring has key "${entry.kid}", but this key does not open the handle (${entry.reason ?? 'malformed'}): the handle was forged, or changed after it was issued.`;
      return toFinding('high', 'altered', [entry], entry.first, message);
    }),
    ...byKey('revoked_key').map(([kid, about]) =>
      toFinding(
        'medium',
        'revoked_key',
        about,
        about[0].first,
        `Key "${kid}" is revoked. Its handles were not opened, because anyone may have made them.`,
      ),
    ),
    ...byKey('unknown_key').map(([kid, about]) =>
      toFinding('low', 'other_ring', about, about[0].first, `The ring does not have key "${kid}", so its handles were not opened.`),
    ),
  ];
}

/** Compares findings by severity, then by position. */
export function bySeverity(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || byAppearance(a.position, b.position);
}

function toFinding(severity: Severity, type: FindingType, about: readonly Entry[], position: Position, message: string): Finding {
  const fingerprints = about.slice(0, MOST_FINGERPRINTS).map(({ fingerprint }) => fingerprint);
  return { severity, type, verified: true, message, handles: about.length, fingerprints, position };
}

/**
 * Finds the last use of a handle after its expiry. A presentation that is certainly new is preferred, then any
 * presentation.
 */
function useAfter({ uses }: Entry, expiresAt: number) {
  const isLate = (position: Position) => position.time !== undefined && position.time >= expiresAt;
  const late = uses
    .filter(({ repeats }) => repeats !== 'surely')
    .map(({ presented, repeats, first }) => ({ presented, repeats, position: firstOf(first) }))
    .filter(({ position }) => isLate(position));
  return late.findLast(({ presented, repeats }) => presented && !repeats) ?? late.findLast(({ presented }) => presented) ?? late.at(-1);
}

/** Finds, in each branch, the first handle whose caller is not the branch's first caller. */
function strangersIn(lineage: readonly Revision[]): { entry: Entry; position: Position; names: readonly [string, string] }[] {
  return [...groupBy(lineage, ({ branch }) => branch).values()].flatMap((branch) => {
    const seen = branch.flatMap(({ entry }) =>
      [entry.caller, entry.otherCaller].flatMap((caller) => (caller ? [{ entry, ...caller }] : [])),
    );
    const [first, ...others] = seen.sort((a, b) => byAppearance(a.position, b.position));
    const stranger = others.find(({ name }) => name !== first?.name);
    return first === undefined || stranger === undefined
      ? []
      : [{ entry: stranger.entry, position: stranger.position, names: [first.name, stranger.name] as const }];
  });
}

/** Says how often a replay happened again, and where it happened last. */
function andAgain(positions: readonly Position[]): string {
  const last = positions.at(-1);
  return last === undefined ? '' : `, and ${counted(positions.length, 'more time')}, last in ${at(last)}`;
}

function at({ source, line }: Position): string {
  return `${source.name}:${line}`;
}

function quote(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
}
