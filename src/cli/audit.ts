import { Command, Option } from 'commander';
import { type AuditReport, conclusionOn, createAudit, isComplete, SEVERITIES, type Severity } from '../audit/index.ts';
import { systemClock } from '../handle/index.ts';
import { findLogs, totalSize } from './io/log-input.ts';
import { textOf } from './io/log-text.ts';
import { UsageError, writeLines } from './io/output.ts';
import { showProgress } from './io/progress.ts';
import { namedOpeningRing, type RingOption, ringOption } from './io/ring.ts';
import { VERSION } from './io/version.ts';
import { requirePagePath, writeReportPage } from './report/html.ts';
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
Reads any text with handles in it: JSON lines, pretty-printed JSON, plain logs, chat transcripts, HAR files, exports of
log stores. Logs may be gzipped or in UTF-16, and lines may have any length. The command finds JSON anywhere in a line,
for example:
  - in strings inside JSON
  - in base64, which may contain gzip
  - as JavaScript and Python print objects
The memory that the command needs does not depend on the size of the log. Each different handle takes about a kilobyte,
up to half a million handles.

With a ring, the command opens and verifies handles offline, however old they are. An inspector ring is enough (waxseal
keys export --inspector). Without a ring, the command describes tasks by the values beside their handles (handle_info
beside handle). It cannot verify these values, and the report marks them as unverified.

A handle counts as presented in the params of a JSON-RPC request (tools/call, prompts/get, resources/read), and in the
input of a model's tool call. It counts as issued in a JSON-RPC result, and in a tool's result. The command knows the
formats of MCP, Anthropic, OpenAI, Gemini, Bedrock and their clients.

The command orders events by time. The nearest JSON object around the handle that has a time counts:
  - Times are members such as time, timestamp, @timestamp, ts or timeUnixNano. They are in ISO 8601 with a zone, or
    numbers of seconds, milliseconds, microseconds or nanoseconds since 1970.
  - If no object has a time, the date at the beginning of the line counts.
  - Dates of other moments do not count: those with a name such as expires, or after a word such as until or since.
  - The members "created_at", "date" and "at" count only if neither their object nor an outer object has another time.
  - If the object has a duration, its time is the end of the event, unless a member names the start.

A time without a zone counts within one log. Without times, the order of lines counts there. If each JSON-RPC answer
then stands before its request, the log begins with its newest line. Between two logs, only times with zones count. The
order is also unknown if all times in a log are equal, or the log's clock was set back. If the order is unknown, the
command does not look for replays, and the report says so. If two programs log the same request, it counts as two uses,
and the later use may look like a replay. So audit the log of one program only.

The report counts what the command did not understand:
  - places that do not show whether a handle was presented
  - handles that were cut
  - text that begins like JSON, but is not valid JSON
  - handles whose order is unknown
  - binary data, and base64 that was cut, is not text, or is packed in a format that the command cannot unpack
The report says "No findings." only if the command understood everything. Otherwise it says "No findings in what could be
read.", and --strict makes that an error. A server's own log has no handles: audit the log of a client or a gateway.

Findings:
  high    altered            the ring has the handle's key, but cannot open the handle: it was forged, or changed
          fork               two handles have the same id and revision, or replace the same handle; a delegated handle, with
                             fewer rights or an earlier deadline, is no fork
          wrong_caller       one task has different callers (needs --caller-field)
          incomplete         the logs have too many different handles, and the command left out the rest
  medium  encrypted_anew     two ciphertexts contain the same signed claims; not a fork, because they were signed once
          replay             an older revision was presented after a newer one was seen; low if the log only mentions the
                             older one, or the two are in different logs and less than a second apart
          used_after_expiry  a handle was presented after its expiry (needs times); low if the log only mentions it
          revoked_key        the handle's key is revoked; the command did not open the handle, because whoever stole the
                             key may have made it
          contradicted_info  the values beside a handle contradict the handle
  low     gap                a handle replaces another handle that is not in the log
          other_ring         the ring does not have the handle's key
Unverified findings have a lower severity, because anyone can write the values beside a handle: fork and wrong_caller are
medium, replay and used_after_expiry are low. So without a ring, a fork causes exit code 1 only with --fail-on medium or
low.

--json prints one object: version (1), now, verified, read {sources, lines, characters, mentions, handles, opened},
unread {untold, incomplete, broken, packed, unordered, unopened}, notes, tasks [{id, kind, expires_at, state (live or
expired), first, last, revisions [{fingerprint, revision, kind, previous, previous_seen, delegated, rights, issued_at,
expires_at, kid, length, compressed, seen, presented, first, last}]}], protocol_values [{kind, handles}], unopened
[{fingerprint, kid, length, compressed, seen, first, last, outcome}], findings [{severity, type, verified, task,
message, handles, fingerprints, where}]; first, last and where are {source, line, time}. The report shows fingerprints
instead of handles.
--sarif prints the findings as SARIF 2.1.0, for code hosts and security consoles: high is error, medium is warning, low is
note.

Examples:
  waxseal audit --keys inspector.jwks transcript.jsonl
  waxseal audit --keys inspector.jwks --caller-field req.user --json log-*.gz > report.json
  waxseal audit --fail-on medium --strict gateway.log
  waxseal audit --keys inspector.jwks --html report.html transcript.jsonl
  waxseal audit --keys inspector.jwks --strict --sarif transcript.jsonl > audit.sarif

Exit codes: 0 no finding is as severe as --fail-on, 1 a finding is as severe, 2 wrong use, or a log or ring cannot be read,
3 (only with --strict) no finding is as severe, but the command did not understand everything, or found no handle.`;

export function auditCommand(): Command {
  return new Command('audit')
    .description('find the handles in logs, and report tasks, lineages, forks, replays and other findings')
    .argument('[files...]', 'the logs; without any, or for -, standard input is read')
    .addOption(ringOption())
    .addOption(new Option('--fail-on <severity>', 'exit with 1 if a finding is at least this severe').choices(SEVERITIES).default('high'))
    .option('--caller-field <name>', 'the member of JSON lines that names the caller, e.g. sub or req.user; a task must have one caller')
    .option(
      '--html <file>',
      'also write a page that draws the lineages; it contains no keys and no handles, and replaces no file but an earlier page',
    )
    .option('--strict', 'exit with 3 if the command did not understand everything, or found no handle')
    .option('--json', 'print JSON; times are in seconds since 1970')
    .addOption(new Option('--sarif', 'print the findings as SARIF 2.1.0').conflicts('json'))
    .addHelpText('after', MORE)
    .action(async (files: string[], { failOn, callerField, html, json, sarif, strict, ...option }: Options) => {
      if (html !== undefined) await requirePagePath(html);
      if (callerField === '') throw new UsageError('--caller-field must name a member of the JSON lines, e.g. --caller-field sub');
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
      // The exit code is set before the report is printed, so a reader that closes the pipe early cannot change it.
      if (hasFinding(report, failOn)) process.exitCode = 1;
      else if (strict && (report.read.handles === 0 || !isComplete(report))) process.exitCode = 3;
      // The text report ends with this conclusion. JSON and SARIF lack it, so stderr explains the exit code.
      if (strict && report.read.handles === 0 && (json || sarif)) process.stderr.write(`waxseal: ${conclusionOn(report)}\n`);
      await writeLines(json ? jsonLines(report) : sarif ? sarifLines(report, VERSION) : textLines(report));
    });
}

function hasFinding({ findings }: AuditReport, failOn: Severity): boolean {
  return findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn));
}
