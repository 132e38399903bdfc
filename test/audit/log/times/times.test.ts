import { beforeAll, describe, expect, it } from 'vitest';
import { auditOf, kindsOf, NOW } from '../../support.ts';
import { iso, json, type Messages, newMessages, pino, written } from '../support.ts';

let logged: Messages['logged'];
let clean: Messages['clean'];
let replay: Messages['replay'];
let first: Messages['first'];
beforeAll(async () => {
  ({ logged, clean, replay, first } = await newMessages());
});

const audited = (log: string) => auditOf(log, { ring: logged.world.ring });

describe('the deadline beside a handle', () => {
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
  ])('is not taken for the time of a record: %s', async (_name, log) => {
    const { findings, tasks } = await audited(log());
    expect(findings.filter(({ type }) => type !== 'gap')).toEqual([]);
    for (const { last, expires_at } of tasks) expect(last.time ?? 0).toBeLessThan(expires_at);
  });
});

describe('the time of a record', () => {
  it('is used rather than the time of a job or a chat in the record', async () => {
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

  it('is not used for array elements that have times of their own', async () => {
    const events = replay.map((message, at) => ({ created_at: iso(10 * at), message })).reverse();
    const report = await audited(json({ timestamp: iso(5000), events }));
    expect([kindsOf(report), report.tasks[0]?.first.time]).toEqual([['medium replay'], NOW + 10]);
  });

  it.each([
    ['pino', (at: number, took: number) => ({ time: (NOW + at) * 1000, responseTime: took * 1000 })],
    ['seconds', (at: number, took: number) => ({ ts: iso(at), duration_s: took })],
    ['milliseconds', (at: number, took: number) => ({ '@timestamp': iso(at), elapsed_ms: took * 1000 })],
  ])('is the time of the answer, and the request is earlier by the duration in the record: %s', async (_name, record) => {
    const answer = { jsonrpc: '2.0', id: 9, result: { structuredContent: { handle: first } } };
    const call = (at: number, took: number, request: unknown, response: unknown) => json({ ...record(at, took), request, response });
    const log = (...calls: readonly string[]) => audited(`${calls.join('\n')}\n`);
    const [started, started2, asked, answered, again] = replay;
    const begin = call(0, 0.01, started, started2);
    expect(kindsOf(await log(begin, call(40, 30, asked, answered), call(45, 0.02, again, answer)))).toEqual(['medium replay']);
    expect(kindsOf(await log(begin, call(10, 0.05, asked, answered), call(40, 39, again, answer)))).toEqual([]);
  });
});
