import { beforeAll, describe, expect, it } from 'vitest';
import { createAudit } from '../../../src/audit/index.ts';
import { LONGEST_PIECE } from '../../../src/audit/log/read-log.ts';
import { HANDLE_PREFIX } from '../../../src/scan/find.ts';
import { growsInProportion } from '../../support/proportion.ts';
import { auditOf, kindsOf, type LoggedWorld, newLoggedWorld } from '../support.ts';

let logged: LoggedWorld;
let handle: string;
beforeAll(async () => {
  logged = await newLoggedWorld();
  ({ handle } = await logged.call('start_research_task', { topic: 'lost luggage' }));
  await logged.call('record_findings', { handle, findings: ['Lisbon'] });
});

/** What a report says, but for how much was read. */
const audited = async (log: string | readonly string[]) => auditOf(log, { ring: logged.world.ring });

describe('a log is read the same', () => {
  it('wherever its chunks are cut', async () => {
    const log = `${logged.log()}plain ${handle} é\n`;
    const whole = await auditOf(log);
    expect(whole.read).toMatchObject({ lines: 5, handles: 2, mentions: 4 });
    for (let at = 1; at < log.length; at += 1) expect(await auditOf([log.slice(0, at), log.slice(at)])).toEqual(whole);
    expect(await auditOf([...log])).toEqual(whole);
  });

  it('without a line break at its end, with others than \\n, and with empty lines', async () => {
    const log = `\r\n\r\n${logged.log().replaceAll('\n', '\r\n\r\n')}`.trimEnd();
    const { tasks, findings } = await audited(log);
    expect(findings).toEqual([]);
    expect(tasks[0]?.revisions.map(({ first }) => first.line)).toEqual([5, 9]);
  });

  it('in several logs, each with its own lines, in the order in which they are read', async () => {
    const audit = createAudit({ ring: logged.world.ring });
    await audit.read('a', [logged.lines.slice(0, 3).join('\n')]);
    await audit.read('b', logged.lines.slice(3));
    const report = audit.report(0);
    expect(report).toMatchObject({ findings: [], read: { sources: 2, lines: 4 } });
    expect(report.tasks[0]?.revisions.map(({ first: { source, line } }) => `${source}:${line}`)).toEqual(['a:2', 'b:1']);
  });
});

describe('who speaks, and what stands beside a handle, is seen', () => {
  const result = () => JSON.parse(logged.lines[1] ?? '').message;
  const request = () => JSON.parse(logged.lines[2] ?? '').message;
  it.each([
    ['bare', (message: object) => JSON.stringify(message)],
    ['as an event of a stream', (message: object) => `data: ${JSON.stringify(message)}`],
    ['behind a time and words', (message: object) => `[2026-07-28T12:00:00.5Z] INFO <- ${JSON.stringify(message)} (200)`],
    ['as a text in JSON', (message: object) => JSON.stringify({ msg: JSON.stringify(message) })],
    ['as a text in a text in JSON', (message: object) => JSON.stringify({ log: JSON.stringify({ body: JSON.stringify(message) }) })],
    ['in a batch', (message: object) => JSON.stringify({ body: [message, { jsonrpc: '2.0', id: 9, result: {} }] })],
  ])('%s', async (_name, write) => {
    const log = `${write(result())}\n${write(request())}\n`;
    expect((await audited(log)).tasks[0]?.revisions).toMatchObject([{ seen: 2, presented: 1 }]);
    expect((await auditOf(log)).tasks[0]).toMatchObject({ kind: 'research@1', revisions: [{ revision: 1 }] });
  });

  it('but what a server says in a request of its own is not presented', async () => {
    const elicitation = { jsonrpc: '2.0', id: 1, method: 'elicitation/create', params: { message: handle } };
    expect((await audited(JSON.stringify(elicitation))).tasks[0]?.revisions).toMatchObject([{ seen: 1, presented: 0 }]);
  });

  it('not in what is no message: names of members, broken JSON, depth', async () => {
    for (const line of [JSON.stringify({ [handle]: 1 }), `{"a":${handle}`, `${'['.repeat(5000)}"${handle}"${']'.repeat(5000)}`]) {
      expect((await audited(line)).tasks[0]?.revisions, line.slice(0, 20)).toMatchObject([{ seen: 1, presented: 0 }]);
    }
  });

  it('nor believed where it is not spelled as it must be', async () => {
    for (const lie of [{}, [], 'x', { id: '\u001b[2J', kind: 'a@1', revision: 1, expires_at: '2026-07-28T12:00:00Z' }, null]) {
      expect(await auditOf(JSON.stringify({ handle, handle_info: lie }))).toMatchObject({ tasks: [], unopened: [{ seen: 1 }] });
    }
  });
});

describe('a hostile log', () => {
  const KEY = { kind: 'waxseal-cursor@1' };
  it('of one endless line has its handles found, wherever pieces of it end', async () => {
    const filler = 'x'.repeat(1000);
    const chunks = Array.from({ length: 3000 }, (_, at) => (at % 7 === 0 ? `${filler}"${handle}"` : filler));
    const { read, tasks } = await audited([...chunks, '\n', `second line ${handle}\n`]);
    expect(read).toMatchObject({ lines: 2, mentions: 2 });
    expect(tasks[0]?.revisions).toMatchObject([{ seen: 2, last: { line: 2 } }]);
    expect(3_000_000).toBeGreaterThan(2 * LONGEST_PIECE);
  });

  it('takes time in proportion to its length, whatever beginnings it is full of', async () => {
    const fillings: Record<string, string> = {
      beginnings: HANDLE_PREFIX,
      headers: `${HANDLE_PREFIX}AAAAAAAA..`,
      'handles that never end': `${HANDLE_PREFIX}AAAAAAAA..${'A'.repeat(16)}.`,
      'brackets and beginnings': `{"${HANDLE_PREFIX}`,
      'lines of them': `${HANDLE_PREFIX}\n`,
    };
    for (const [name, filling] of Object.entries(fillings)) {
      const chunk = filling.repeat(Math.ceil(65_536 / filling.length));
      const audit = (chunks: number) => auditOf(Array.from({ length: chunks }, () => chunk));
      expect(await growsInProportion(audit, 8), name).toBe(true);
    }
  });

  it('cannot make a handle of what a piece of a line cuts', async () => {
    const cut = `${'x'.repeat(LONGEST_PIECE)}${handle.slice(0, -1)}`;
    expect(await audited([cut, 'é\n'])).toMatchObject({ read: { handles: 0 } });
  });

  it('has what the protocol carries counted, and no task made of it', async () => {
    const info = { id: 'AAAAAAAAAAAAAAAA', revision: 1, expires_at: '2026-07-28T12:00:00Z', ...KEY };
    const report = await auditOf(JSON.stringify({ cursor: handle, cursor_info: info }));
    expect(report).toMatchObject({ tasks: [], unopened: [], protocol_values: [{ kind: KEY.kind, handles: 1 }] });
    expect(kindsOf(report)).toEqual([]);
  });
});
