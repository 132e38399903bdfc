import { Command, Option } from 'commander';
import { type AuditReport, createAudit, isComplete, SEVERITIES, type Severity } from '../audit/index.ts';
import { systemClock } from '../handle/index.ts';
import { findLogs, totalSize } from './io/log-input.ts';
import { textOf } from './io/log-text.ts';
import { writeLines } from './io/output.ts';
import { showProgress } from './io/progress.ts';
import { namedOpeningRing, type RingOption, ringOption } from './io/ring.ts';
import { VERSION } from './io/server.ts';
import { writeReportPage } from './report/html.ts';
import { jsonLines } from './report/json.ts';
import { sarifLines } from './report/sarif.ts';
import { textLines } from './report/text.ts';

interface Options extends RingOption {
  readonly failOn: Severity;
  readonly callerField?: string;
  readonly html?: string;
  readonly json?: true;
  readonly sarif?: true;
  readonly strict?: true;
}

const MORE = `
Reads anything in which handles stand: JSON lines, pretty-printed documents, plain logs, transcripts of chats, HAR files,
exports of log stores; plain, gzipped or in UTF-16; lines of any length. JSON is found anywhere in a line, also in texts
within JSON, and as JavaScript and Python print it. Memory grows with the number of different handles (a kilobyte or so
each, up to half a million), and not with the size of the log.

With a ring, handles are opened and verified offline, whatever their age; an inspector ring (waxseal keys export
--inspector) is enough. Without one, tasks are told by what stands beside their handles (handle_info beside handle):
hearsay, and marked as unverified.

A handle is presented where it stands in the params of a JSON-RPC request (tools/call, prompts/get, resources/read) or in
the input of a model's tool call, and issued where it stands in a result or in what a tool answered: as MCP, Anthropic,
OpenAI, Gemini, Bedrock and their clients write it. What comes first is told by the time of the nearest record around
it (time, timestamp, @timestamp, ts, timeUnixNano and their like, in ISO 8601 with a zone or in seconds to nanoseconds
since 1970; or ISO 8601 with a zone before it in its line), and within one log else by its order. Between logs nothing but
the clock tells: where lines have no time, that is said, and no replay is looked for. A request that two programs log is
two uses, and the later one may look like a replay: audit the log of one of them.

What was not understood is counted and told: places that do not tell whether a handle was presented, handles that were
cut, what began as JSON and was none. "No findings." means that everything was understood; otherwise it says "No findings
in what could be read.", and --strict makes that an error.

Findings:
  high    altered            a key of the ring does not open it: forged, or changed on the way
          fork               different handles with one id and revision, or that replace the same handle; a delegation,
                             which has fewer rights or a nearer deadline, is none
          wrong_caller       callers of one task that differ (with --caller-field)
          incomplete         too many different handles; the rest was left out
  medium  encrypted_anew     the same signed claims under another ciphertext: no fork, since nobody signed twice
          replay             an older revision presented after a newer one was seen; low where only mentioned, and where
                             less than a second lies between two logs
          used_after_expiry  presented after its expiry; low where only mentioned; nothing where lines tell no time
          revoked_key        of a revoked key; not opened, since anyone may have made it
          contradicted_info  what stands beside a handle is not what the handle says
  low     gap                the handle that it replaces is not in the log
          other_ring         of a key that the ring does not have
Unverified forks and callers are medium, unverified replays and uses low.

--json prints one object: version (1), now, verified, read {sources, lines, characters, mentions, handles, opened},
unread {untold, incomplete, broken, unordered}, notes, tasks [{id, kind, expires_at, state (live or expired), first, last,
revisions [{fingerprint, revision, kind, previous, previous_seen, delegated, rights, issued_at, expires_at, kid, length,
compressed, seen, presented, first, last}]}], protocol_values [{kind, handles}], unopened [{fingerprint, kid, length,
compressed, seen, first, last, outcome}], findings [{severity, type, verified, task, message, handles, fingerprints,
where}]; first, last and where are {source, line, time}. Handles stand nowhere in it, only their fingerprints.
--sarif prints the findings as SARIF 2.1.0, for code hosts and security consoles: high is error, medium warning, low note.

Examples:
  waxseal audit --keys inspector.jwks server.log
  waxseal audit --keys inspector.jwks --caller-field req.user --json log-*.gz > report.json
  waxseal audit --fail-on medium --strict transcript.jsonl
  waxseal audit --keys inspector.jwks --html report.html server.log
  waxseal audit --keys inspector.jwks --sarif server.log > audit.sarif

Exit codes: 0 no finding of that severity, 1 findings of it or above, 2 wrong use (a log or ring that cannot be read),
3 with --strict: none of that severity, and not everything was understood.`;

/** `waxseal audit`: every handle of a log, in the lineage of its task, and what is wrong with them. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('find the handles in logs: tasks, lineages, forks, replays and what else is wrong')
    .argument('[files...]', 'what to read; standard input where none is named, or for -')
    .addOption(ringOption())
    .addOption(new Option('--fail-on <severity>', 'end with 1 where there are findings so grave').choices(SEVERITIES).default('high'))
    .option('--caller-field <name>', 'member of JSON lines that names the caller, e.g. sub or req.user: one task, one caller')
    .option('--html <file>', 'write a page, too, in which the lineages are drawn; it has no keys and no handles in it')
    .option('--strict', 'end with 3 where not everything was understood')
    .option('--json', 'print JSON, times in seconds since 1970')
    .addOption(new Option('--sarif', 'print the findings as SARIF 2.1.0').conflicts('json'))
    .addHelpText('after', MORE)
    .action(async (files: string[], { failOn, callerField, html, json, sarif, strict, ...option }: Options) => {
      const ring = await namedOpeningRing(option);
      const logs = await findLogs(files, 'audit', { decoded: true });
      const audit = createAudit({ ring, callerField });
      const progress = showProgress(totalSize(logs), false);
      try {
        for (const log of logs) {
          const onRead = (bytes: number) => progress.advance(bytes, `handles at ${audit.progress.mentions} places`);
          await audit.read(log.name, textOf(log, onRead));
        }
      } finally {
        progress.end();
      }
      const report = audit.report(systemClock());
      if (html !== undefined) await writeReportPage(html, report);
      // Before anything is printed: a reader that closes the pipe does not change what was found.
      if (hasFinding(report, failOn)) process.exitCode = 1;
      else if (strict && !isComplete(report)) process.exitCode = 3;
      await writeLines(json ? jsonLines(report) : sarif ? sarifLines(report, VERSION) : textLines(report));
    });
}

function hasFinding({ findings }: AuditReport, failOn: Severity): boolean {
  return findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn));
}
