/** The forms of logs, and what the audit must find in each. */
import { expect } from 'vitest';
import { createAudit, isComplete } from '../../src/audit/index.ts';
import { textOf } from '../../src/cli/io/log-text.ts';
import { kindsOf } from '../audit/support.ts';
import { type Entry, FILES } from './files.ts';
import { LINES } from './lines.ts';
import { SPELLINGS } from './spellings.ts';
import type { Item, Stories, StoryName } from './stories.ts';

const EXPECTED: Readonly<Record<StoryName, readonly string[]>> = {
  clean: [],
  replay: ['medium replay'],
  fork: ['high fork', 'medium replay'],
};

/** A form of a log: how each message is written, what stands around each message, and how the lines become a file. */
export type Form = readonly [spelling: string, line: string, file: string];

function write(items: readonly Item[], [spelling, line, file]: Form): string | Uint8Array {
  const entries = items.map((item): Entry => {
    const value = SPELLINGS[spelling]?.(item) ?? {};
    return { item, value, line: LINES[line]?.(value, item) ?? JSON.stringify(value) };
  });
  return FILES[file]?.(entries) ?? '';
}

async function audited(log: string | Uint8Array, stories: Stories) {
  const audit = createAudit({ ring: stories.ring });
  const chunks = (async function* () {
    yield Buffer.from(log);
  })();
  await audit.read(
    'log',
    textOf({ name: 'log', size: undefined, chunks }, () => {}),
  );
  return audit.report(stories.items.fork.at(-1)?.time ?? 0);
}

const BARE = 'the message alone';
/** The forms of files in which each line of the log has clear limits, so that the line itself can have any form. */
const OF_LINES = [
  'lines',
  'a batch of OTLP in one line',
  "Loki's answer, newest line first",
  'a HAR file',
  'pretty-printed documents with a prefix on each line',
  'a HAR file with bodies in base64',
  "CloudWatch's subscription, gzip in base64",
];

/**
 * The tested forms. Each spelling is tested in each form of a file; each line there is only the message. Each form of a
 * line is tested in a plain file, and in about half of the other forms in `OF_LINES`.
 */
export const FORMS = [
  ...Object.keys(SPELLINGS).flatMap((spelling) => Object.keys(FILES).map((file): Form => [spelling, BARE, file])),
  ...Object.keys(LINES).flatMap((line, at) =>
    OF_LINES.filter((_file, of) => of === 0 || (at + of) % 2 === 0).map((file): Form => ['JSON-RPC', line, file]),
  ),
].filter(isReadable);

/** Tells whether at most one part of a form is unusual. */
export function isSimple([spelling, line, file]: Form): boolean {
  return [spelling !== 'JSON-RPC', line !== BARE, file !== 'lines'].filter(Boolean).length <= 1;
}

/**
 * Tells whether the audit can read a form. The audit counts compressed data inside compressed data as unread. The
 * direction of a log without times shows only in messages of JSON-RPC. The records of Codex, OpenCode and VS Code repeat
 * the call beside its result, so they stand in no stream or request of another client.
 */
function isReadable([spelling, line, file]: Form): boolean {
  if (/^lines without times/.test(file)) return /^(?:a )?JSON-RPC/.test(spelling) && line === BARE;
  if (/^Codex|^OpenCode|VS Code/.test(spelling) && /^(?:events of|requests of|a HAR file with streams)/.test(file)) return false;
  return !(/^(?:a Kinesis|gzip)/.test(line) && file.includes('gzip'));
}

/** Tells whether a form has times with zones. A chat and messages without anything around them have no times. */
function tellsTime([, line, file]: Form): boolean {
  return (
    !/^the messages of a chat$|without zones|syslog|klog/.test(file) &&
    (line !== BARE || !/^(?:gzipped |two gzipped |UTF-16|lines)/.test(file))
  );
}

/** Checks that the audit finds what happened in each story, if the log has the given form. */
export async function expectUnderstood(stories: Stories, form: Form): Promise<void> {
  for (const [story, kinds] of Object.entries(EXPECTED)) {
    const items = stories.items[story as StoryName];
    const report = await audited(write(items, form), stories);
    expect(kindsOf(report), story).toEqual(kinds);
    expect(report.unread, story).toEqual({ untold: 0, incomplete: 0, broken: 0, packed: 0, unordered: 0, unopened: 0 });
    expect(isComplete(report)).toBe(true);
    const { time } = items[1] ?? {};
    // In a HAR file, the time of the first mention is the time of the request.
    if (tellsTime(form)) expect(Math.abs((report.tasks[0]?.first.time ?? 0) - (time ?? 0)), story).toBeLessThanOrEqual(1);
    const presented = report.tasks.flatMap(({ revisions }) => revisions.map((revision) => revision.presented));
    expect(
      presented.reduce((sum, count) => sum + count, 0),
      story,
    ).toBe(items.filter(({ message }) => message.params?.arguments['handle']).length);
  }
}
