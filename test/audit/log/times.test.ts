import { beforeAll, describe, expect, it } from 'vitest';
import { isComplete } from '../../../src/audit/index.ts';
import { auditOf, kindsOf, type LoggedWorld, NOW, newLoggedWorld } from '../support.ts';

type Message = Readonly<Record<string, unknown>>;

let logged: LoggedWorld;
/** Two calls and their answers. The last message, in {@link replay}, presents the first handle after the second one. */
let clean: readonly Message[];
let replay: readonly Message[];
let first: string;
beforeAll(async () => {
  logged = await newLoggedWorld();
  const { handle } = await logged.call('start_research_task', { topic: 'lost luggage' });
  await logged.call('record_findings', { handle, findings: ['Lisbon'] });
  const messages = () => logged.lines.map((line) => JSON.parse(line).message);
  clean = messages();
  logged.present(handle);
  replay = messages();
  first = handle;
});

const audited = (log: string) => auditOf(log, { ring: logged.world.ring });
const iso = (at: number) => new Date((NOW + at) * 1000).toISOString();
const http = (at: number) => new Date((NOW + at) * 1000).toUTCString();
/** As Python's logging has it, without a zone. */
const python = (at: number) => iso(at).replace('T', ' ').replace('.000Z', ',123');
const json = (value: unknown) => JSON.stringify(value);
/** The messages, ten seconds apart, each written in a line. */
const written = (messages: readonly Message[], line: (message: Message, at: number) => string) =>
  messages.map((message, at) => `${line(message, 10 * at)}\n`).join('');
const pino = (message: Message, at: number) => json({ time: (NOW + at) * 1000, message });

describe('the time of a line', () => {
  it.each<[string, (message: Message, at: number) => string]>([
    ['a bound of a range', (message, at) => `${python(at)} rpc since=2026-01-01T00:00:00Z ${json(message)}`],
    ['a header', (message, at) => `${python(at)} DEBUG mcp > if-modified-since: ${http(-40)} ${json(message)}`],
    ['a deadline in words', (message, at) => `${python(at)} token valid until 2027-01-01T00:00:00Z ${json(message)}`],
    ['a named deadline', (message, at) => `${iso(at)} lease_expires=${iso(9000 - at)} ${json(message)}`],
    ['a deadline with a name of JSON', (message, at) => `${iso(at)} {"expires_at":"${iso(9000 - at)}", ${json(message)}`],
  ])('is the date at its beginning, and no other date in it: %s', async (_name, line) => {
    expect(kindsOf(await audited(written(replay, line)))).toEqual(['medium replay']);
    expect(kindsOf(await audited(written(clean, line)))).toEqual([]);
  });

  it('is no date in words where the line does not begin with one', async () => {
    const last = (before: string) => audited(`${written(clean, pino)}${before} ${json(replay.at(-1))}\n`);
    for (const before of ['since=2026-01-01T00:00:00Z rpc', 'token created 2026-01-01T00:00:00Z, used', `if-modified-since: ${http(-40)}`])
      expect(kindsOf(await last(before)), before).toEqual(['medium replay']);
    const untimed = written(clean, (message, at) => `token valid until ${iso(9000 + at)} ${json(message)}`);
    const report = await audited(untimed);
    expect([kindsOf(report), isComplete(report), report.tasks[0]?.first.time]).toEqual([[], true, undefined]);
  });

  it.each<[string, (at: number) => string]>([
    ['grep', (at) => `gateway.log:12:${iso(at)} INFO`],
    ['grep, without a number', (at) => `gateway.log:${iso(at)} INFO`],
    ['journald', (at) => `Jul 28 12:00:00 host app[42]: ${iso(at)} INFO`],
    ['logfmt behind syslog', (at) => `Jul 28 12:00:00 host app: time=${iso(at)} level=info`],
  ])('is the one that its program wrote, behind what another one put before it: %s', async (_name, before) => {
    const report = await audited(written(replay, (message, at) => `${before(at)} ${json(message)}`));
    expect([kindsOf(report), report.tasks[0]?.first.time]).toEqual([['medium replay'], NOW + 10]);
  });
});

describe('the deadline beside a handle is no time of a record', () => {
  const wrapped = (line: string) => line.match(/.{1,80}/g)?.join('\r\n') ?? '';
  const table = (row: (deadline: string, handle: string) => string) => () =>
    clean
      .flatMap(
        ({ result }) =>
          (result as { structuredContent?: { handle: string; handle_info: { expires_at: string } } })?.structuredContent ?? [],
      )
      .map(({ handle, handle_info }) => `${row(handle_info.expires_at, handle)}\n`)
      .join('');
  it.each<[string, () => string]>([
    ['in a record that a rotation cut', () => `${json(clean[1]).slice(60)}\n${written(clean.slice(2), pino)}`],
    [
      'in pretty-printed events of a stream',
      () => written(clean, (message) => (message['method'] ? json(message) : JSON.stringify(message, null, 2).replace(/^/gm, 'data: '))),
    ],
    ['in lines that a terminal wrapped', () => written(clean, (message, at) => wrapped(pino(message, at)))],
    ['in CSV', table((deadline, handle) => `research,${deadline},${handle}`)],
    ['in a table', table((deadline, handle) => `| research | ${deadline} | ${handle} |`)],
    ['in rows of JSON', table((deadline, handle) => json(['research', deadline, handle]))],
    ['in another language', table((deadline, handle) => `Handle (gilt bis ${deadline}): ${handle}`)],
  ])('%s', async (_name, log) => {
    const { findings, tasks } = await audited(log());
    expect(findings.filter(({ type }) => type !== 'gap')).toEqual([]);
    for (const { last, expires_at } of tasks) expect(last.time ?? 0).toBeLessThan(expires_at);
  });
});

describe('the time of a record', () => {
  it('comes before that of a job or a chat in it', async () => {
    const [asked, answered] = [replay.at(-1), clean.at(-1)];
    for (const name of ['created_at', 'createdAt', 'date', 'startedAt', 'at']) {
      const old = { [name]: iso(-1000) };
      const late = [
        json({ timestamp: iso(90), conversation: { ...old, last: asked } }),
        json({ timestamp: iso(90), text: json({ ...old, last: asked }) }),
        `${iso(90)} ${json({ ...old, last: asked })}`,
      ];
      for (const line of late)
        expect(kindsOf(await audited(`${written(clean, pino)}${line}\n`)), line.slice(0, 60)).toEqual(['medium replay']);
      const log = `${written(clean.slice(0, -1), pino)}${json({ timestamp: iso(30), job: { ...old, rpc: answered } })}\n`;
      expect(kindsOf(await audited(log)), name).toEqual([]);
    }
  });

  it('comes after those of the elements of an array in it, which are records themselves', async () => {
    const events = replay.map((message, at) => ({ created_at: iso(10 * at), message })).reverse();
    const report = await audited(json({ timestamp: iso(5000), events }));
    expect([kindsOf(report), report.tasks[0]?.first.time]).toEqual([['medium replay'], NOW + 10]);
  });

  it.each([
    ['pino', (at: number, took: number) => ({ time: (NOW + at) * 1000, responseTime: took * 1000 })],
    ['seconds', (at: number, took: number) => ({ ts: iso(at), duration_s: took })],
    ['milliseconds', (at: number, took: number) => ({ '@timestamp': iso(at), elapsed_ms: took * 1000 })],
  ])('with a duration is that of the answer, and the request came before it: %s', async (_name, record) => {
    const answer = { jsonrpc: '2.0', id: 9, result: { structuredContent: { handle: first } } };
    const call = (at: number, took: number, request: unknown, response: unknown) => json({ ...record(at, took), request, response });
    const log = (...calls: readonly string[]) => audited(`${calls.join('\n')}\n`);
    const [started, started2, asked, answered, again] = replay;
    const begin = call(0, 0.01, started, started2);
    expect(kindsOf(await log(begin, call(40, 30, asked, answered), call(45, 0.02, again, answer)))).toEqual(['medium replay']);
    expect(kindsOf(await log(begin, call(10, 0.05, asked, answered), call(40, 39, again, answer)))).toEqual([]);
  });
});
