import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, createAudit, isComplete } from '../../src/audit/index.ts';
import { kindsOf, type LoggedWorld, NOW, newLoggedWorld } from './support.ts';

interface Message {
  readonly id: number;
  readonly params?: { readonly name: string; readonly arguments: object };
  readonly result?: { readonly structuredContent: object };
}

let logged: LoggedWorld;
/** Three calls and their answers. The second and the third call present the handle of the previous answer. */
let messages: readonly Message[];
/** A request that presents the first handle again. */
let again: Message;
beforeAll(async () => {
  logged = await newLoggedWorld();
  const first = await logged.call('start_research_task', { topic: 'lost luggage' });
  const second = await logged.call('record_findings', { handle: first.handle, findings: ['Lisbon'] });
  await logged.call('record_findings', { handle: second.handle, findings: ['Porto'] });
  const read = () => logged.lines.map((line) => JSON.parse(line).message);
  messages = read();
  logged.present(first.handle);
  again = read().at(-1);
});

const line = (at: number, message: object) => JSON.stringify({ time: (NOW + at) * 1000, message });
const withId = (id: unknown, message: object) => ({ ...message, id });

async function auditOf(...logs: readonly (readonly string[])[]): Promise<AuditReport> {
  const audit = createAudit({ ring: logged.world.ring });
  for (const [at, log] of logs.entries()) await audit.read(`${at}.log`, [log.join('\n')]);
  return audit.report(NOW + 600);
}

describe('a request', () => {
  /** Returns a log that contains each message twice, 0.3 s apart. All calls have the id 1. */
  const twice = () =>
    [0, 2, 4].flatMap((at) => {
      const call = messages.slice(at, at + 2).map((message) => withId(1, message));
      return [0, 0.3].flatMap((delay) => call.map((message, step) => line(5 * at + delay + step / 10, message)));
    });

  it('counts once if each message is logged twice, even if the client gives all requests one id', async () => {
    const report = await auditOf(twice());
    expect([kindsOf(report), isComplete(report)]).toEqual([[], true]);
    expect(report.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([1, 1, 0]);
  });

  it('counts twice if it is logged again with a different answer', async () => {
    const [, , asked = again, answered = again] = messages;
    const other = { ...answered, result: { ...answered.result, content: [] } };
    const log = [...twice(), line(60, withId(1, asked)), line(61, withId(1, other))];
    expect(kindsOf(await auditOf(log))).toEqual(['medium replay']);
  });

  it('counts once in two logs whose clocks differ, whichever log is read first', async () => {
    const client = messages.map((message, at) => line(10 * at, message));
    const gateway = messages.map((message, at) => line(10 * at - 15, message));
    const [one, other] = [await auditOf(client, gateway), await auditOf(gateway, client)];
    expect(kindsOf(one)).toEqual(kindsOf(other));
    expect(kindsOf(one).filter((kind) => kind !== 'low replay')).toEqual([]);
    expect(one.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([1, 1, 0]);
  });
});

it('the latest of many uses of a handle is found, whichever line is read last', async () => {
  const [started = again, answered = again, asked = again, second = again] = messages;
  const many = Array.from({ length: 64 }, (_, at) => line(2 + at / 10, withId(`early ${at}`, again)));
  const log = [line(0, started), line(1, answered), ...many, line(10, asked), line(11, second)];
  const late = line(30, withId('late', again));
  const stray = line(9, withId('stray', again));
  for (const last of [[late], [late, stray], [stray, late]]) expect(kindsOf(await auditOf([...log, ...last]))).toEqual(['medium replay']);
  const mentions = Array.from({ length: 70 }, (_, at) => line(40 + at, { note: again.params?.arguments }));
  expect(kindsOf(await auditOf([...log, late, ...mentions]))).toEqual(['medium replay']);
});

describe('an id beside several calls', () => {
  it.each([
    ['of an agent', { id: 'agent-7f3a9c2b' }],
    ['of a server', { tool_id: 'mcp__waxseal__1a2b3c4d' }],
  ])('does not identify a call if the tools or the handles differ: %s', async (_name, ids) => {
    const record = (at: number, { params }: Message, { result }: Message) =>
      JSON.stringify({
        timestamp: new Date((NOW + at) * 1000).toISOString(),
        ...ids,
        tool: params?.name,
        args: params?.arguments,
        result: result?.structuredContent,
      });
    const [started = again, answered = again, asked = again, second = again, askedNext = again, third = again] = messages;
    const log = [record(0, started, answered), record(10, asked, second), record(20, askedNext, third)];
    expect(kindsOf(await auditOf(log))).toEqual([]);
    expect(kindsOf(await auditOf([...log, record(30, again, answered)]))).toEqual(['medium replay']);
    // The next record has the same tool and the same handle as the record at second 10.
    expect(kindsOf(await auditOf([...log, record(30, asked, second)]))).toEqual(['medium replay']);
  });

  it.each(['mcp__x__record_findings', 'x-record_findings', 'x.record_findings'])(
    'identifies a repeated call even if a program changed the name of the tool: %s',
    async (name) => {
      const [, answered = again, asked = again, second = again] = messages;
      const use = (name: string) => ({ type: 'tool_use', id: 'toolu_01A09q90qw90lq917835lq9', name, input: asked.params?.arguments });
      const log = [
        line(1, answered),
        line(10, { role: 'assistant', content: [use('record_findings')] }),
        line(11, second),
        JSON.stringify({
          time: (NOW + 30) * 1000,
          messages: [{ role: 'user' }, { role: 'assistant', content: [use(name)] }],
        }),
      ];
      const report = await auditOf(log);
      expect([kindsOf(report), isComplete(report)]).toEqual([[], true]);
    },
  );
});

describe('a call that a stream shows only as pieces of its arguments,', () => {
  const input = ({ params }: Message) => params?.arguments ?? {};
  const streamed = (at: number, message: Message) =>
    (JSON.stringify(input(message)).match(/.{1,9}/g) ?? []).map((partial_json, step) =>
      line(at + step / 1000, { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json } }),
    );
  const use = (message: Message) => ({ type: 'tool_use', id: `toolu_01A09q90qw90lq91${message.id}`, name: 'x', input: input(message) });
  const whole = (at: number, message: Message) => line(at, { role: 'assistant', content: [use(message)] });
  const history = (at: number, ...all: Message[]) =>
    line(at, { messages: [{ role: 'user' }, ...all.map((message) => ({ role: 'assistant', content: [use(message)] }))] });

  it('counts once, even if a record repeats the whole call and the client sends it again later', async () => {
    const [, answered = again, asked = again, second = again] = messages;
    const log = [line(1, answered), ...streamed(10, asked), whole(10.5, asked), line(12, second)];
    const report = await auditOf([...log, history(30, asked)]);
    expect([kindsOf(report), isComplete(report)]).toEqual([[], true]);
    expect(kindsOf(await auditOf([line(1, answered), ...streamed(10, asked), line(12, second), history(30, asked)]))).toEqual([]);
  });

  it('gives a replay of its handle low severity in a later record, and medium severity in a later stream', async () => {
    const [, answered = again, asked = again, second = again] = messages;
    const log = [line(1, answered), ...streamed(10, asked), line(12, second)];
    expect(kindsOf(await auditOf([...log, whole(60, again)]))).toEqual(['low replay']);
    expect(kindsOf(await auditOf([...log, ...streamed(60, again)]))).toEqual(['medium replay']);
  });
});
