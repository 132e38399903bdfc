import { beforeAll, describe, expect, it } from 'vitest';
import { auditOf, newStartedTask, type StartedTask } from '../support.ts';

let logged: StartedTask['logged'];
let handle: string;
beforeAll(async () => {
  const task = await newStartedTask();
  [logged, handle] = [task.logged, task.first.handle];
});

/** Audits a log with the ring that made its handles, and returns the report. */
const audited = async (log: string | readonly string[]) => auditOf(log, { ring: logged.world.ring });

describe('the audit', () => {
  const result = () => JSON.parse(logged.lines[1] ?? '').message;
  const request = () => JSON.parse(logged.lines[2] ?? '').message;
  it.each([
    ['without other text', (message: object) => JSON.stringify(message)],
    ['as an event of a stream', (message: object) => `data: ${JSON.stringify(message)}`],
    ['after a time and words', (message: object) => `[2026-07-28T12:00:00.5Z] INFO <- ${JSON.stringify(message)} (200)`],
    ['as a text in JSON', (message: object) => JSON.stringify({ msg: JSON.stringify(message) })],
    ['as a text in a text in JSON', (message: object) => JSON.stringify({ log: JSON.stringify({ body: JSON.stringify(message) }) })],
    ['in a batch', (message: object) => JSON.stringify({ body: [message, { jsonrpc: '2.0', id: 9, result: {} }] })],
  ])('understands a message %s: tells a request from an answer, and reads the values beside a handle', async (_name, write) => {
    const log = `${write(result())}\n${write(request())}\n`;
    expect((await audited(log)).tasks[0]?.revisions).toMatchObject([{ seen: 2, presented: 1 }]);
    expect((await auditOf(log)).tasks[0]).toMatchObject({ kind: 'research@1', revisions: [{ revision: 1 }] });
  });

  it('does not count a handle as presented if it is in the name of a member, in broken JSON, or deeper than 128 levels', async () => {
    for (const line of [JSON.stringify({ [handle]: 1 }), `{"a":${handle}`, `${'['.repeat(5000)}"${handle}"${']'.repeat(5000)}`]) {
      expect((await audited(line)).tasks[0]?.revisions, line.slice(0, 20)).toMatchObject([{ seen: 1, presented: 0 }]);
    }
  });

  it('ignores a `handle_info` of a wrong form', async () => {
    for (const lie of [{}, [], 'x', { id: '\u001b[2J', kind: 'a@1', revision: 1, expires_at: '2026-07-28T12:00:00Z' }, null]) {
      expect(await auditOf(JSON.stringify({ handle, handle_info: lie }))).toMatchObject({ tasks: [], unopened: [{ seen: 1 }] });
    }
  });
});
