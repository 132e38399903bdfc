import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, createAudit, isComplete, unreadLines } from '../../../src/audit/index.ts';
import { kindsOf, type LoggedWorld, NOW, newLoggedWorld } from '../support.ts';

let logged: LoggedWorld;
let first: { handle: string };
/** The log lines of a client that presents several handles, and finally an old handle again. */
let lines: readonly string[];
beforeAll(async () => {
  logged = await newLoggedWorld();
  first = await logged.call('start_research_task', { topic: 'lost luggage' });
  const second = await logged.call('record_findings', { handle: first.handle, findings: ['Lisbon'] });
  logged.present(second.handle);
  logged.present(first.handle);
  lines = [...logged.lines];
});

async function auditOf(logs: readonly (readonly string[])[]): Promise<AuditReport> {
  const audit = createAudit({ ring: logged.world.ring });
  for (const [at, log] of logs.entries()) await audit.read(`replica-${at}.log`, [log.join('\n')]);
  return audit.report(NOW);
}

const untimed = (log: readonly string[]) => log.map((line) => line.replace(/"time":\d+,/, ''));
/** Returns the logs of two replicas. Each log has every second message. */
const replicas = (log: readonly string[]) => [0, 1].map((half) => log.filter((_line, at) => at % 2 === half));

describe('the order of several logs', () => {
  it('follows the times of their lines, whatever the order of the logs’ names', async () => {
    const [a = [], b = []] = replicas(lines);
    for (const logs of [
      [a, b],
      [b, a],
    ]) {
      const report = await auditOf(logs);
      expect(kindsOf(report)).toEqual(['medium replay']);
      expect(isComplete(report)).toBe(true);
    }
    const [c = [], d = []] = replicas(lines.slice(0, -1));
    for (const logs of [
      [c, d],
      [d, c],
    ])
      expect(kindsOf(await auditOf(logs))).toEqual([]);
  });

  it('is reported as unknown if lines have no times, whichever log is read first', async () => {
    const [started, answered, asked, second, presented, replayed] = untimed(lines) as [string, string, string, string, string, string];
    for (const [a, b] of [
      [
        [started, answered, replayed],
        [asked, second, presented],
      ],
      [
        [started, answered, asked],
        [second, presented],
      ],
    ] as const) {
      for (const logs of [
        [a, b],
        [b, a],
      ]) {
        const report = await auditOf(logs);
        expect(report.findings).toEqual([]);
        expect(report.unread.unordered).toBe(1);
        expect(unreadLines(report).join()).toMatch(/1 handle whose uses have no known order, .* times are missing/);
      }
    }
  });

  it('follows the lines within each log if lines have no times', async () => {
    const other = [JSON.stringify({ message: 'nothing' })];
    for (const logs of [
      [untimed(lines), other],
      [other, untimed(lines)],
    ]) {
      const report = await auditOf(logs);
      expect([kindsOf(report), report.unread.unordered]).toEqual([['medium replay'], 0]);
    }
  });

  it('is uncertain within one second, so a replay within one second has low severity', async () => {
    const at = (time: number, line: string) => line.replace(/"time":\d+/, `"time":${time * 1000}`);
    const [one = '', two = '', three = ''] = [lines[1], lines[3], lines.at(-1)];
    const since = NOW + 100;
    const found = async (delay: number) => kindsOf(await auditOf([[at(since - 5, one), at(since, two)], [at(since + delay, three)]]));
    expect(await found(0.4)).toEqual(['low replay']);
    expect(await found(1.5)).toEqual(['medium replay']);
    expect(await found(-0.4)).toEqual([]);
  });
});

describe('the order of one log', () => {
  it('is reversed if the log begins with its newest line, even for lines with equal times', async () => {
    const sameSecond = [...lines.slice(0, -1), lines[4] ?? '', lines[4] ?? '', lines[4] ?? ''].map((line, at) =>
      line.replace(/"time":\d+/, `"time":${(NOW + Math.floor(at / 2)) * 1000}`),
    );
    for (const log of [sameSecond, sameSecond.toReversed()]) expect(kindsOf(await auditOf([log]))).toEqual([]);
  });

  it('is unknown if all lines have one time, because the newest line might come first', async () => {
    const sameSecond = lines.map((line) => line.replace(/"time":\d+/, `"time":${NOW * 1000}`));
    for (const log of [sameSecond, sameSecond.slice(0, -1), sameSecond.slice(0, -1).reverse()]) {
      const report = await auditOf([log]);
      expect([kindsOf(report), report.unread.unordered]).toEqual([[], 1]);
      expect(unreadLines(report).join()).toMatch(/times are missing or equal/);
    }
    // This document has one time for all its messages, but their order in the document counts.
    const messages = lines.map((line) => JSON.parse(line).message);
    expect(kindsOf(await auditOf([[JSON.stringify({ time: NOW, messages }, null, 2)]]))).toEqual(['medium replay']);
  });

  it('is unknown where the clock was set back', async () => {
    const log = (messages: readonly string[], from: number, back: number) =>
      messages.map((line, at) => line.replace(/"time":\d+/, `"time":${(NOW + 10 * at - (at >= from ? back : 0)) * 1000}`));
    const clean = lines.slice(0, -1);
    for (const [messages, from] of [
      [clean, 3],
      [lines, 5],
    ] as const) {
      for (const order of [log(messages, from, 35), log(messages, from, 35).reverse()]) {
        const report = await auditOf([order]);
        expect([kindsOf(report), report.unread.unordered]).toEqual([[], 1]);
        expect(unreadLines(report).join()).toMatch(/the clock was set/);
      }
    }
    // Two logs are joined. The second part begins an hour before the first part.
    const [early, late] = [lines.slice(0, 3), lines.slice(3)];
    expect(kindsOf(await auditOf([[...log(late, 0, -3600), ...log(early, 0, 0)]]))).toEqual(['medium replay']);
    expect(kindsOf(await auditOf([[...log(late.slice(0, -1), 0, -3600), ...log(early, 0, 0)]]))).toEqual([]);
  });

  it('is reversed without times, if each answer stands before its request', async () => {
    const other = await newLoggedWorld();
    other.world.ring = logged.world.ring;
    const started = await other.call('start_research_task', { topic: 'another' });
    const { handle } = await other.call('record_findings', { handle: started.handle, findings: ['Porto'] });
    await other.call('get_task_status', { handle });
    const clean = untimed(other.lines);
    other.present(started.handle);
    const replay = untimed(other.lines);
    for (const [log, kinds] of [
      [clean, []],
      [replay, ['medium replay']],
    ] as const)
      for (const messages of [log, log.toReversed()]) {
        const report = await auditOf([messages]);
        expect([kindsOf(report), isComplete(report)]).toEqual([kinds, true]);
      }
  });

  it('is the order of the lines, even if each record without a time has its answer before its request', async () => {
    const other = await newLoggedWorld();
    other.world.ring = logged.world.ring;
    let { handle } = await other.call('start_research_task', { topic: 'another' });
    for (const city of ['Porto', 'Faro']) ({ handle } = await other.call('record_findings', { handle, findings: [city] }));
    const messages = other.lines.map((line) => JSON.parse(line).message);
    const records = [0, 2, 4].map((at) => JSON.stringify({ out: messages[at + 1], in: messages[at] }));
    expect(kindsOf(await auditOf([records]))).toEqual([]);
  });

  it('is unknown without times, if a single answer stands before its request', async () => {
    const [, answered = '', asked = '', second = ''] = untimed(lines);
    const report = await auditOf([[second, asked, answered]]);
    expect([kindsOf(report), report.unread.unordered]).toEqual([[], 1]);
    expect(unreadLines(report).join()).toMatch(/an answer stands before its request/);
  });

  it('is the order of the lines without times, if a client uses the ids of its requests again', async () => {
    const log = untimed(lines).map((line) => line.replace(/"id":\d+/, '"id":1'));
    expect(kindsOf(await auditOf([log]))).toEqual(['medium replay']);
  });

  it('is unknown for local times that the end of summer time may contradict', async () => {
    const clock = ['02:58:00', '02:58:10', '02:59:00', '02:00:10', '02:00:20'];
    const log = clock.map((time, at) => `2026-10-25 ${time} ${JSON.stringify(JSON.parse(lines[at] ?? '').message)}`);
    expect([kindsOf(await auditOf([log])), (await auditOf([log])).unread.unordered]).toEqual([[], 0]);
    const late = log.map((line, at) => (at < 3 ? line : line.replace(':00:', ':40:')));
    for (const unclear of [log.toReversed(), late, late.toReversed()]) {
      const report = await auditOf([unclear]);
      expect([kindsOf(report), report.unread.unordered]).toEqual([[], 1]);
    }
  });

  it('follows the lines even if one line has an earlier time than the line before', async () => {
    const other = await newLoggedWorld();
    other.world.ring = logged.world.ring;
    await other.call('start_research_task', { topic: 'another' });
    const at = (time: number, line = '') => line.replace(/"time":\d+/, `"time":${time * 1000}`);
    const log = (last: readonly string[]) => [...last.map((line) => at(NOW + 100, line)), at(NOW + 98, other.lines.at(-1))];
    expect(kindsOf(await auditOf([log(lines.slice(1, 5))]))).toEqual([]);
    // A single step backwards in time does not show that a log begins with its newest line.
    const report = await auditOf([log(lines)]);
    expect([kindsOf(report), report.unread.unordered]).toEqual([[], 1]);
    // Here the clock goes forwards once, and backwards once.
    const unclear = await auditOf([[at(NOW + 98, other.lines.at(-1)), ...log(lines)]]);
    expect(kindsOf(unclear)).toEqual(['low replay']);
    expect(unclear.findings[0]?.message).toMatch(/the lines of one log have no clear order/);
  });

  it.each([
    [
      'a HAR file',
      (start: number, took: number, request: object, response: object) => ({
        startedDateTime: new Date(start * 1000),
        time: took * 1000,
        request,
        response,
      }),
    ],
    [
      'spans',
      (start: number, took: number, request: object, response: object) => ({
        startTimeUnixNano: `${start}000000000`,
        endTimeUnixNano: `${start + took}000000000`,
        attributes: [request, response],
      }),
    ],
    [
      'records that were written when the call ended',
      (start: number, took: number, request: object, response: object) => ({
        time: start + took,
        duration_ms: took * 1000,
        request,
        response,
      }),
    ],
  ])('puts each answer at the end of its call, even if calls overlap: %s', async (_name, record) => {
    const [, , asked, answered, , again] = lines.map((line) => JSON.parse(line).message);
    const log = (start: number) => [
      lines[1] ?? '',
      JSON.stringify({
        entries: [record(NOW + 10, 9, asked, answered), record(NOW + start, 1, again, { jsonrpc: '2.0', id: 9, result: {} })],
      }),
    ];
    expect(kindsOf(await auditOf([log(15)]))).toEqual([]);
    expect(kindsOf(await auditOf([log(25)]))).toEqual(['medium replay']);
  });

  it.each([
    ['two numbers, of which either can be the month', (at: number) => `07/03/2026 1:0${at}:00 PM`],
    ['the month first, in the notation of a browser', (at: number) => `7/3/2026, 1:0${at}:00\u202fPM`],
    ['the day first', (at: number) => `23.07.26 13:0${at}`],
    ['the name of the month', (at: number) => `July 3, 2026 1:0${at} PM`],
    ['the name of the month after the day', (at: number) => `03-Jul-2026 13:0${at}:00`],
  ])('follows the clock if dates have %s', async (_name, date) => {
    const log = (messages: readonly string[], minute = (at: number) => at) =>
      messages.map((line, at) => `${date(minute(at))} ${JSON.stringify(JSON.parse(line).message)}`);
    const clean = log(lines.slice(0, -1));
    for (const messages of [clean, clean.toReversed()]) {
      const report = await auditOf([messages]);
      expect([kindsOf(report), isComplete(report)]).toEqual([[], true]);
    }
    for (const messages of [log(lines), log(lines).toReversed()]) expect(kindsOf(await auditOf([messages]))).toEqual(['medium replay']);
  });

  it('is unknown if dates have two readings and the clock stands still', async () => {
    const log = lines.map((line) => `07/03/2026 13:05 ${JSON.stringify(JSON.parse(line).message)}`);
    for (const messages of [log, log.toReversed()]) {
      const report = await auditOf([messages]);
      expect(kindsOf(report).filter((kind) => kind !== 'low replay')).toEqual([]);
      expect(report.findings.length + report.unread.unordered).toBeGreaterThan(0);
    }
  });
});
