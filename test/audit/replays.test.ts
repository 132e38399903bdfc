import { beforeAll, describe, expect, it } from 'vitest';
import { auditOf, kindsOf, NOW, newStartedTask, type StartedTask } from './support.ts';

let logged: StartedTask['logged'];
let first: StartedTask['first'];
let second: StartedTask['second'];
let found: StartedTask['found'];
let withMore: StartedTask['withMore'];
beforeAll(async () => {
  ({ logged, first, second, found, withMore } = await newStartedTask());
});

describe('the audit', () => {
  it('finds a replay by the times of the lines, whatever their order, and without times by their order', async () => {
    const reversed = (log: string) => log.trim().split('\n').reverse().join('\n');
    const clean = await withMore(({ call }) => call('get_task_status', { handle: second.handle }));
    const replay = await withMore(({ present }) => present(first.handle));
    expect(kindsOf(await auditOf(reversed(clean), { ring: logged.world.ring }))).toEqual([]);
    for (const log of [replay, reversed(replay)])
      expect(kindsOf(await auditOf(log, { ring: logged.world.ring }))).toEqual(['medium replay']);
    const untimed = replay.replace(/"time":\d+,/g, '');
    expect(kindsOf(await auditOf(untimed, { ring: logged.world.ring }))).toEqual(['medium replay']);
  });

  it('reports all replays of a revision in one finding', async () => {
    const report = await found(({ present }) => {
      present(first.handle);
      present(second.handle);
      present(first.handle);
      present(first.handle);
    });
    expect(report.findings).toMatchObject([{ type: 'replay', severity: 'medium', where: { line: 5 } }]);
    expect(report.findings[0]?.message).toBe('Revision 1 is presented after revision 2 was seen, and 2 more times, last in log:8.');
  });

  it('finds a replay in a new call, but not in a call that a client repeats in every request', async () => {
    const use = (id: string, handle: string) => ({ role: 'assistant', content: [{ type: 'tool_use', id, name: 'x', input: { handle } }] });
    const [one, two] = [use('call_1', first.handle), use('call_2', second.handle)];
    const request = (...messages: object[]) => JSON.stringify({ model: 'x', messages });
    const withRequests = (...requests: string[]) => found(({ lines }) => lines.push(...requests));
    // The third line of the log presents the handle for the first time. Without this line, the client's request below
    // is the first use of the handle.
    const before = logged.lines.splice(2, 1);
    const clean = await withRequests(request(one), request(one, two), request(one, two));
    const replay = await withRequests(request(one), request(one, two), request(one, two, use('call_3', first.handle)));
    logged.lines.splice(2, 0, ...before);
    expect(clean.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([1, 1]);
    expect(clean.notes).toEqual(['At 3 places the logs repeat a call that they also contain elsewhere. Each call counts once.']);
    expect(replay.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([2, 1]);
    expect(kindsOf(replay)).toEqual(['medium replay']);
  });

  it('finds a replay by a client that numbers its calls, even in another session', async () => {
    const call = { type: 'function', id: 'call_0', function: { name: 'x', arguments: JSON.stringify({ handle: first.handle }) } };
    const response = (time: number, more = {}) =>
      JSON.stringify({ time: time * 1000, choices: [{ message: { role: 'assistant', tool_calls: [call] } }], ...more });
    const request = (time: number, ...messages: object[]) => JSON.stringify({ time: time * 1000, messages });
    const message = { role: 'assistant', tool_calls: [call] };
    const padding = { role: 'user', content: 'Find my bag.' };
    const [, started, , answered] = logged.lines;
    const withMessages = (...more: string[]) =>
      auditOf([started, response(NOW + 2), answered, ...more].join('\n'), { ring: logged.world.ring });
    const clean = await withMessages(request(NOW + 20, padding, message), request(NOW + 40, padding, message));
    const again = await withMessages(request(NOW + 20, padding, message), response(NOW + 40));
    const other = await withMessages(request(NOW + 20, padding, message), response(NOW + 2.5, { session_id: 'b' }));
    const inChat = await withMessages(request(NOW + 20, padding, message), request(NOW + 40, padding, message, padding, message));
    const shorter = await withMessages(request(NOW + 20, padding, padding, message), request(NOW + 40, padding, message));
    expect(kindsOf(clean)).toEqual([]);
    expect(clean.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([1, 0]);
    expect(kindsOf(again)).toEqual(['medium replay']);
    expect(other.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([2, 0]);
    expect(kindsOf(inChat)).toEqual(['medium replay']);
    expect(kindsOf(shorter)).toEqual(['low replay']);
  });

  it('distinguishes a message that was logged twice from a message that was sent twice', async () => {
    const again = await found(({ lines }) => lines.push(...lines.slice(0, 4)));
    expect(again.findings).toEqual([]);
    expect(again.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([1, 0]);
    expect(again.notes).toHaveLength(1);
    const later = (line = '') => line.replace(/"time":\d+/, `"time":${(NOW + 100) * 1000}`);
    const restamped = await found(({ lines }) => lines.push(...lines.slice(0, 4).map(later)));
    expect(kindsOf(restamped)).toEqual(['low replay']);
    expect(restamped.findings[0]?.message).toMatch(/either logged twice or made twice/);
    const answer = (id: number, text: string) => ({ jsonrpc: '2.0', id, result: { structuredContent: { handle: second.handle, text } } });
    const twice = (text: string) =>
      found(({ lines }) => {
        const { id } = JSON.parse(lines[2] ?? '').message;
        lines.push(later(lines[2]), JSON.stringify(answer(id, text)));
      });
    expect(kindsOf(await twice('another answer'))).toEqual(['medium replay']);
    const other = await found(({ lines }) => lines.push(later(lines[2]).replace(/"id":\d+/, '"id":99')));
    expect(kindsOf(other)).toEqual(['medium replay']);
  });

  it('reports a replay with low severity if the lines do not tell requests from answers', async () => {
    const text = `start: ${first.handle}\nthen ${second.handle}\nagain ${first.handle}\n`;
    expect(kindsOf(await auditOf(text, { ring: logged.world.ring }))).toEqual(['low replay']);
  });
});
