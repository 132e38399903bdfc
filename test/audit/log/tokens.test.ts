import { beforeAll, describe, expect, it } from 'vitest';
import { auditOf, NOW, newStartedTask, type StartedTask } from '../support.ts';

let logged: StartedTask['logged'];
let handle: string;
beforeAll(async () => {
  const task = await newStartedTask();
  [logged, handle] = [task.logged, task.first.handle];
});

describe('the audit', () => {
  it.each<[string, (handle: string) => string]>([
    [
      'the notation of Python',
      (h) => `{'jsonrpc': '2.0', 'ok': True, 'error': None, 'method': 'tools/call', 'params': {'arguments': {'handle': '${h}'}}}`,
    ],
    ['the notation of Node.js', (h) => `{ method: 'tools/call', error: undefined, params: { name: 'x', arguments: { handle: '${h}' } } }`],
    ['template strings', (h) => `{ method: \`tools/call\`, params: { arguments: { handle: \`${h}\` } } }`],
    ['names and words without quotation marks', (h) => `{method: tools/call, params: {arguments: {handle: ${h}}}}`],
  ])('understands what programs print in place of JSON: %s', async (_name, write) => {
    const { tasks, unread } = await auditOf(`${write(handle)}\n`, { ring: logged.world.ring });
    expect(tasks[0]?.revisions).toMatchObject([{ seen: 1, presented: 1 }]);
    expect(unread.broken).toBe(0);
  });
});

describe('a value over several lines', () => {
  const request = () => JSON.stringify({ time: NOW * 1000, method: 'tools/call', params: { arguments: { handle } } }, null, 2);
  it.each<[string, (line: string) => string]>([
    ['without a prefix', (line) => line],
    ['after the name of a container', (line) => `web-1  | ${line}`],
    ['after the time of a container runtime', (line) => `2026-07-28T12:00:00.123456789Z stdout F ${line}`],
    ['in a quotation', (line) => `> ${line}`],
  ])('is understood %s', async (_name, prefix) => {
    const log = `a line\n${request().split('\n').map(prefix).join('\n')}\nanother line\n`;
    const { tasks, unread } = await auditOf(log, { ring: logged.world.ring });
    expect(tasks[0]?.revisions).toMatchObject([{ presented: 1, first: { time: NOW } }]);
    expect(unread.broken).toBe(0);
  });
});
