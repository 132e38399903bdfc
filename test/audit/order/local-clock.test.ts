import { beforeAll, describe, expect, it } from 'vitest';
import type { AuditReport } from '../../../src/audit/index.ts';
import { auditOf, kindsOf, type LoggedWorld, newLoggedWorld } from '../support.ts';

let logged: LoggedWorld;
/** The messages of a task with two calls, without their times: request and answer of each, in turn. */
let messages: readonly string[];
/** The message that presents the first handle again. */
let replay: string;
beforeAll(async () => {
  logged = await newLoggedWorld();
  const first = await logged.call('start_research_task', { topic: 'lost luggage' });
  const second = await logged.call('record_findings', { handle: first.handle, findings: ['Lisbon'] });
  await logged.call('record_findings', { handle: second.handle, findings: ['Porto'] });
  logged.present(first.handle);
  const all = logged.lines.map((line) => JSON.stringify(JSON.parse(line).message));
  [messages, replay] = [all.slice(0, -1), all.at(-1) ?? ''];
});

type Clock = (second: number) => string;

const two = (number: number) => String(number).padStart(2, '0');
const withYear =
  (hour: number): Clock =>
  (second) =>
    `2026-11-28 ${two(hour)}:00:${two(second)},120`;
const withoutYear: Clock = (second) => `Nov 28 10:00:${two(second)}`;

/** Writes requests by one clock and answers by another. */
function logOf(request: Clock, answer: Clock, more: readonly string[] = []): string {
  const clocks = [request, answer];
  return [...messages, ...more].map((message, at) => `${clocks[at % 2]?.(at + 1)} agent ${message}\n`).join('');
}

const severe = (report: AuditReport) => kindsOf(report).filter((kind) => !kind.startsWith('low'));
const audited = (log: string) => auditOf(log, { ring: logged.world.ring });

describe('a log in which two programs write times without a zone', () => {
  it.each<[string, Clock, Clock]>([
    ['dates with and without a year', withYear(10), withoutYear],
    ['dates without and with a year', withoutYear, withYear(10)],
    ['clocks of two zones', withYear(22), withYear(21)],
  ])('has no finding above low, and counts the handles whose order is unknown: %s', async (_clocks, request, answer) => {
    const clean = await audited(logOf(request, answer));
    expect(severe(clean)).toEqual([]);
    expect(clean.unread.unordered).toBeGreaterThan(0);
    const replayed = await audited(logOf(request, answer, [replay]));
    expect(severe(replayed)).toEqual([]);
    expect(kindsOf(replayed).length + replayed.unread.unordered).toBeGreaterThan(0);
  });

  it('shows a replay if both have the clock of one zone', async () => {
    expect(kindsOf(await audited(logOf(withYear(10), withYear(10))))).toEqual([]);
    expect(severe(await audited(logOf(withYear(10), withYear(10), [replay])))).toEqual(['medium replay']);
  });
});

describe('a number at the beginning of a line', () => {
  it.each<[string, (second: number) => string]>([
    ['an id of ten digits', () => '[3012345678] >'],
    ['an id of ten digits without brackets', () => '1812345678 >'],
  ])('is not taken for a time if it is %s', async (_number, prefix) => {
    const log = messages.map((message, at) => `${prefix(at)} ${message}\n`).join('');
    expect(kindsOf(await audited(log))).toEqual([]);
  });
});

describe('the messages of a chat in the flattened attributes of a span', () => {
  it.each([
    'llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments',
    'attributes.llm.input_messages.1.message.tool_calls.0.tool_call.function.arguments',
    'gen_ai.prompt.1.tool_calls.0.arguments',
  ])('are not taken for calls, because every span repeats them: %s', async (name) => {
    const [, , ask = ''] = messages;
    const { arguments: input } = JSON.parse(ask).params;
    const span = JSON.stringify({ kind: 'LLM', [name]: JSON.stringify(input) });
    expect(severe(await audited(`${messages.join('\n')}\n${span}\n${span}\n`))).toEqual([]);
  });
});

describe('a call with a weak id that Codex begins again after its end', () => {
  it('is another call, and presents its handle again', async () => {
    const handleIn = (at: number) => JSON.parse(messages[at] ?? '').params.arguments;
    const item = (id: string, status: string, input: object) =>
      JSON.stringify({ type: 'item', item: { id, type: 'mcp_tool_call', tool: 'record_findings', arguments: input, status } });
    const [first, second] = [handleIn(2), handleIn(4)];
    const run = [
      item('item_1', 'in_progress', first),
      item('item_1', 'completed', first),
      messages[3],
      item('item_2', 'in_progress', second),
    ];
    const log = [...run, item('item_2', 'completed', second), messages[5]];
    expect(severe(await audited(`${log.join('\n')}\n`))).toEqual([]);
    expect(severe(await audited(`${[...log, item('item_1', 'in_progress', first)].join('\n')}\n`))).toEqual(['medium replay']);
  });
});
