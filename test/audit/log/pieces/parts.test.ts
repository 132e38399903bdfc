import { beforeAll, describe, expect, it } from 'vitest';
import { auditOf, newStartedTask, type StartedTask } from '../../support.ts';

let logged: StartedTask['logged'];
let handle: string;
beforeAll(async () => {
  const task = await newStartedTask();
  [logged, handle] = [task.logged, task.first.handle];
});

/** Audits a log with the ring that made its handles, and returns the report. */
const audited = async (log: string | readonly string[]) => auditOf(log, { ring: logged.world.ring });

describe('the lines that a container runtime split', () => {
  const call = () => JSON.stringify({ jsonrpc: '2.0', method: 'tools/call', params: { name: 'x', arguments: { handle } } });
  const time = '2026-07-28T12:00:00.123456789Z';
  it.each([
    ['CRI', (parts: readonly string[]) => parts.map((part, at) => `${time} stdout ${at < parts.length - 1 ? 'P' : 'F'} ${part}\n`)],
    [
      'Docker',
      (parts: readonly string[]) =>
        parts.map((part, at) => `${JSON.stringify({ log: at < parts.length - 1 ? part : `${part}\n`, stream: 'stdout', time })}\n`),
    ],
  ])('are joined, and later lines keep their numbers: %s', async (_name, write) => {
    const text = call();
    const parts = Array.from({ length: Math.ceil(text.length / 100) }, (_, at) => text.slice(at * 100, (at + 1) * 100));
    const lines = [...write(['{}']), ...write(parts), ...write([text])];
    const whole = await audited(lines.join(''));
    expect(whole).toMatchObject({ unread: { incomplete: 0, untold: 0, broken: 0 }, read: { lines: parts.length + 2 } });
    expect(whole.tasks[0]?.revisions).toMatchObject([
      { presented: 2, first: { line: 2, time: Date.parse(time) / 1000 }, last: { line: parts.length + 2 } },
    ]);
    expect(await audited(lines)).toEqual(whole);
    // The last part is missing. The report says that something could not be read.
    expect((await audited(lines.slice(0, -2))).unread.broken + (await audited(lines.slice(0, 4))).unread.incomplete).toBeGreaterThan(0);
  });
});
