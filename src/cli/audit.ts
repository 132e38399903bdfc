import { StringDecoder } from 'node:string_decoder';
import { Command, Option } from 'commander';
import { type Audit, type AuditReport, createAudit, SEVERITIES, type Severity } from '../audit/index.ts';
import { systemClock } from '../handle/index.ts';
import { findLogs, type LogInput, totalSize } from './io/log-input.ts';
import { writeLines } from './io/output.ts';
import { type ProgressLine, showProgress } from './io/progress.ts';
import { namedOpeningRing, type RingOption, ringOption } from './io/ring.ts';
import { writeReportPage } from './report/html.ts';
import { jsonLines } from './report/json.ts';
import { textLines } from './report/text.ts';

interface Options extends RingOption {
  readonly failOn: Severity;
  readonly callerField?: string;
  readonly html?: string;
  readonly json?: true;
}

const MORE = `
Reads anything in which handles stand: JSON lines, plain logs, transcripts; lines of any length. Memory grows with the
number of different handles (a kilobyte or so each, up to half a million), and not with the size of the log.

With a ring, handles are opened and verified offline, whatever their age; an inspector ring (waxseal keys export
--inspector) is enough. Without one, tasks are told by what stands beside their handles (handle_info beside handle):
hearsay, and marked as unverified.

A handle is presented where it stands in the params of a JSON-RPC request (tools/call, prompts/get, resources/read),
issued where it stands in a result, and otherwise mentioned. What comes first is told by the time of both lines, where
they have one (time, timestamp, @timestamp or ts in JSON, in ISO 8601 with a zone or in seconds or milliseconds since
1970; ISO 8601 with a zone at the beginning of any other line), and else by their order. A request that two programs
log is two uses, and the later one may look like a replay: audit the log of one of them.

Findings:
  high    altered            a key of the ring does not open it: forged, or changed on the way
          fork               different handles with one id and revision, or that replace the same handle; a delegation,
                             which has fewer rights or a nearer deadline, is none
          wrong_caller       callers of one task that differ (with --caller-field)
          incomplete         too many different handles; the rest was left out
  medium  replay             an older revision presented after a newer one was seen; low where only mentioned
          used_after_expiry  presented after its expiry; low where only mentioned; nothing where lines tell no time
          revoked_key        of a revoked key; not opened, since anyone may have made it
          contradicted_info  what stands beside a handle is not what the handle says
  low     gap                the handle that it replaces is not in the log
          other_ring         of a key that the ring does not have
Unverified forks and callers are medium, unverified replays and uses low.

--json prints one object: version (1), now, verified, read {sources, lines, characters, mentions, handles, opened},
tasks [{id, kind, expires_at, state (live or expired), first, last, revisions [{fingerprint, revision, kind, previous,
previous_seen, delegated, rights, issued_at, expires_at, kid, length, compressed, seen, presented, first, last}]}],
protocol_values [{kind, handles}], unopened [{fingerprint, kid, length, compressed, seen, first, last, outcome}],
findings [{severity, type, verified, task, message, handles, fingerprints, where}]; first, last and where are
{source, line, time}. Handles stand nowhere in it, only their fingerprints.

Examples:
  waxseal audit --keys inspector.jwks server.log
  zcat log-*.gz | waxseal audit --keys inspector.jwks --caller-field req.user --json > report.json
  waxseal audit --fail-on medium transcript.jsonl
  waxseal audit --keys inspector.jwks --html report.html server.log

Exit codes: 0 no finding of that severity, 1 findings of it or above, 2 wrong use (a log or ring that cannot be read).`;

/** `waxseal audit`: every handle of a log, in the lineage of its task, and what is wrong with them. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('find the handles in logs: tasks, lineages, forks, replays and what else is wrong')
    .argument('[files...]', 'what to read; standard input where none is named, or for -')
    .addOption(ringOption())
    .addOption(new Option('--fail-on <severity>', 'end with 1 where there are findings so grave').choices(SEVERITIES).default('high'))
    .option('--caller-field <name>', 'member of JSON lines that names the caller, e.g. sub or req.user: one task, one caller')
    .option('--html <file>', 'write a page, too, in which the lineages are drawn; it has no keys and no handles in it')
    .option('--json', 'print JSON, times in seconds since 1970')
    .addHelpText('after', MORE)
    .action(async (files: string[], { failOn, callerField, html, json, ...option }: Options) => {
      const ring = await namedOpeningRing(option);
      const logs = await findLogs(files, 'audit');
      const audit = createAudit({ ring, callerField });
      const progress = showProgress(totalSize(logs), false);
      try {
        for (const log of logs) await audit.read(log.name, textOf(log, audit, progress));
      } finally {
        progress.end();
      }
      const report = audit.report(systemClock());
      if (html !== undefined) await writeReportPage(html, report);
      // Before anything is printed: a reader that closes the pipe does not change what was found.
      if (hasFinding(report, failOn)) process.exitCode = 1;
      await writeLines(json ? jsonLines(report) : textLines(report));
    });
}

/** A log's text; what is not UTF-8 in it is no handle either. */
async function* textOf({ chunks }: LogInput, audit: Audit, progress: ProgressLine): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  for await (const chunk of chunks) {
    yield decoder.write(chunk);
    progress.advance(chunk.length, `handles in ${audit.progress.mentions} places`);
  }
}

function hasFinding({ findings }: AuditReport, failOn: Severity): boolean {
  return findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn));
}
