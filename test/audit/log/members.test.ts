import { beforeAll, describe, expect, it } from 'vitest';
import { isComplete } from '../../../src/audit/index.ts';
import { auditOf, kindsOf, type LoggedWorld, NOW, newStartedTask } from '../support.ts';

let logged: LoggedWorld;
/** The log lines of a client that presents several handles, and finally an old handle again. */
let lines: readonly string[];
beforeAll(async () => {
  const { first, second, ...task } = await newStartedTask();
  logged = task.logged;
  logged.present(second.handle);
  logged.present(first.handle);
  lines = logged.lines;
});

const audited = (log: readonly string[]) => auditOf(log.join('\n'), { ring: logged.world.ring });

describe('the order of events in a log', () => {
  it('is unknown within an object, where an answer can precede its request', async () => {
    const [asked, answered] = [lines[2], lines[3]].map((line) => JSON.parse(line ?? '').message);
    for (const pair of [
      { request: asked, response: answered },
      { response: answered, request: asked },
    ]) {
      const report = await audited([lines[1] ?? '', JSON.stringify({ time: NOW * 1000 + 9000, ...pair })]);
      expect(kindsOf(report)).toEqual([]);
    }
  });

  it('is unknown for calls without times in an object in which each member is a call, named by its id', async () => {
    const [, started, asked, answered, , again] = lines.map((line) => JSON.parse(line).message);
    const calls: [string, object][] = [
      ['call_a', { request: asked, response: answered }],
      ['call_b', { request: again, response: { jsonrpc: '2.0', id: 9, result: {} } }],
    ];
    for (const [order, more] of [
      [calls, {}],
      [calls.toReversed(), {}],
      [calls, { time: NOW }],
    ] as const) {
      const report = await audited([JSON.stringify(started), JSON.stringify({ ...more, calls: Object.fromEntries(order) })]);
      expect([kindsOf(report), report.unread.unordered]).toEqual([[], 1]);
    }
    const directions = { sent: [asked, again], received: [answered] };
    expect((await audited([JSON.stringify(started), JSON.stringify(directions)])).unread.unordered).toBe(1);
    const timed = Object.fromEntries(calls.map(([id, call], at) => [id, { time: NOW + 10 * at, ...call }]));
    for (const log of [timed, Object.fromEntries(Object.entries(timed).reverse())]) {
      const report = await audited([JSON.stringify(started), JSON.stringify({ calls: log })]);
      expect([kindsOf(report), isComplete(report)]).toEqual([['medium replay'], true]);
    }
  });
});
