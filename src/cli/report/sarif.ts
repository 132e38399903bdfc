/** Writes a report as SARIF 2.1.0 (OASIS), which code hosts and security consoles show. */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { type AuditReport, type FindingReport, type FindingType, type Severity, unreadLines } from '../../audit/index.ts';
import { RULES } from './rules.ts';

const LEVELS: Readonly<Record<Severity, string>> = { high: 'error', medium: 'warning', low: 'note' };

/** SARIF's `security-severity`, from 0 to 10 like a CVSS score. Code hosts sort findings by it. */
const RANKS: Readonly<Record<Severity, string>> = { high: '8.0', medium: '5.0', low: '2.0' };

const TYPES = Object.keys(RULES) as FindingType[];

/** Writes the report by lines: the whole may be too long for one string. @param version this program's version */
export function* sarifLines(report: AuditReport, version: string): Generator<string> {
  const driver = { name: 'waxseal audit', semanticVersion: version, rules: TYPES.map(ruleOf) };
  const notifications = [
    ...unreadLines(report).map((text) => ({ level: 'warning', message: { text: `Not understood: ${text}.` } })),
    ...report.notes.map((text) => ({ level: 'note', message: { text } })),
  ];
  const invocation = { executionSuccessful: true, toolExecutionNotifications: notifications };
  yield '{';
  yield '  "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",';
  yield '  "version": "2.1.0",';
  yield '  "runs": [{';
  yield `    "tool": ${JSON.stringify({ driver })},`;
  yield `    "invocations": ${JSON.stringify([invocation])},`;
  yield '    "columnKind": "utf16CodeUnits",';
  yield '    "results": [';
  const { findings } = report;
  for (const [at, finding] of findings.entries()) yield `      ${JSON.stringify(resultOf(finding))}${at < findings.length - 1 ? ',' : ''}`;
  yield '    ]';
  yield '  }]';
  yield '}';
}

function ruleOf(type: FindingType) {
  const { name, severity, says, help } = RULES[type];
  return {
    id: type,
    name,
    shortDescription: { text: says },
    fullDescription: { text: says },
    help: { text: help },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { tags: ['security'], 'security-severity': RANKS[severity], precision: 'high' },
  };
}

function resultOf({ severity, type, verified, task, message, handles, fingerprints, where }: FindingReport) {
  const about = [
    task !== undefined && `Task ${task}: `,
    message,
    fingerprints.length > 0 && ` [${fingerprints.join(', ')}]`,
    !verified && ' (unverified)',
  ];
  return {
    ruleId: type,
    ruleIndex: TYPES.indexOf(type),
    level: LEVELS[severity],
    message: { text: about.filter(Boolean).join('') },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(where.source) }, region: { startLine: where.line } } }],
    // A fingerprint must stay the same when the log is rotated, so it leaves out the line number.
    partialFingerprints: { 'waxsealFinding/v1': digestOf([type, task ?? '', ...fingerprints]) },
    properties: {
      severity,
      verified,
      handles,
      fingerprints,
      ...(task !== undefined && { task }),
      ...(where.time !== undefined && { time: where.time }),
    },
  };
}

/** The URI reference of a log (RFC 3986 §4.1), relative if the user named a relative path. */
function uriOf(source: string): string {
  if (source === '-') return 'stdin';
  if (/^(?:\/|[A-Za-z]:[\\/])/.test(source)) return pathToFileURL(source).href;
  return source.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
