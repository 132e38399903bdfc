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

/** Audits a log with the ring that made its handles, and returns the report. */
const audited = async (log: string | readonly string[]) => auditOf(log, { ring: logged.world.ring });

describe('the audit', () => {
  it('makes the same report wherever the chunks of a log are cut', async () => {
    const log = `${logged.log()}plain ${handle} é\n`;
    const whole = await auditOf(log);
    expect(whole.read).toMatchObject({ lines: 5, handles: 2, mentions: 4 });
    // Each cut takes a whole audit, so the test cuts only at every fifth place. Parts of the log are alike, so a place
    // that is skipped in one part is cut in another.
    for (let at = 1; at < log.length; at += 5) expect(await auditOf([log.slice(0, at), log.slice(at)])).toEqual(whole);
    expect(await auditOf([...log])).toEqual(whole);
  });

  it('reads a log without a line break at its end, with line breaks of Windows, and with empty lines', async () => {
    const log = `\r\n\r\n${logged.log().replaceAll('\n', '\r\n\r\n')}`.trimEnd();
    const { tasks, findings } = await audited(log);
    expect(findings).toEqual([]);
    expect(tasks[0]?.revisions.map(({ first }) => first.line)).toEqual([5, 9]);
  });

  it('counts the lines of each log separately', async () => {
    const audit = createAudit({ ring: logged.world.ring });
    await audit.read('a', [logged.lines.slice(0, 3).join('\n')]);
    await audit.read('b', logged.lines.slice(3));
    const report = audit.report(0);
    expect(report).toMatchObject({ findings: [], read: { sources: 2, lines: 4 } });
    expect(report.tasks[0]?.revisions.map(({ first: { source, line } }) => `${source}:${line}`)).toEqual(['a:2', 'b:1']);
  });
});

describe('a hostile log', () => {
  const KEY = { kind: 'waxseal-cursor@1' };
  it('gives all its handles even if one line is very long, wherever the chunks end', async () => {
    const filler = 'x'.repeat(1000);
    const chunks = Array.from({ length: 3000 }, (_, at) => (at % 7 === 0 ? `${filler}"${handle}"` : filler));
    const { read, tasks } = await audited([...chunks, '\n', `second line ${handle}\n`]);
    expect(read).toMatchObject({ lines: 2, mentions: 2 });
    expect(tasks[0]?.revisions).toMatchObject([{ seen: 2, last: { line: 2 } }]);
    expect(3_000_000).toBeGreaterThan(2 * LONGEST_PIECE);
  });

  it('is read in a time proportional to its length, even if beginnings of handles fill it', async () => {
    const fillings: Record<string, string> = {
      beginnings: HANDLE_PREFIX,
      headers: `${HANDLE_PREFIX}AAAAAAAA..`,
      'handles that never end': `${HANDLE_PREFIX}AAAAAAAA..${'A'.repeat(16)}.`,
      'brackets and beginnings': `{"${HANDLE_PREFIX}`,
      'lines of beginnings': `${HANDLE_PREFIX}\n`,
    };
    for (const [name, filling] of Object.entries(fillings)) {
      const chunk = filling.repeat(Math.ceil(65_536 / filling.length));
      const audit = (chunks: number) => auditOf(Array.from({ length: chunks }, () => chunk));
      expect(await growsInProportion(audit, 2), name).toBe(true);
    }
  });

  // The test compares the times for a short log and a long log. Even the short log is read in pieces, because otherwise
  // the times would not be comparable.
  it.each([
    ['arrays and objects', '[{'],
    ['names without values', '{"a" {"a"'],
    ['escaped values and beginnings', `{\\"a${HANDLE_PREFIX}`],
    ['pieces of streams', '{"delta":"a{"}\n'],
    ['lines of base64', `["${'eyJhI'.repeat(12)}=","${'eyJhI'.repeat(12)}",`],
    ['parts of lines', '2026-07-28T12:00:00.000Z stdout P x\n'],
  ])('is read in a time proportional to its length even if it is full of %s that never end', async (_name, filling) => {
    const chunk = filling.repeat(Math.ceil(65_536 / filling.length));
    expect(await growsInProportion((chunks) => auditOf(Array.from({ length: chunks }, () => chunk)), 20)).toBe(true);
  });

  it('is understood even if its documents are too long for memory, wherever the chunks are cut', async () => {
    const call = JSON.stringify({
      time: 1_785_240_000,
      message: { jsonrpc: '2.0', method: 'tools/call', params: { arguments: { handle } } },
    });
    const filler = { text: `"\\ ${'x'.repeat(5_000_000)}` };
    const log = JSON.stringify({ events: [JSON.parse(call), filler, { message: call }, JSON.parse(call)] });
    for (const size of [65_536, 999_999, log.length]) {
      const chunks = Array.from({ length: Math.ceil(log.length / size) }, (_, at) => log.slice(at * size, (at + 1) * size));
      const { read, unread, tasks } = await audited(chunks);
      expect(tasks[0]?.revisions, `${size}`).toMatchObject([{ presented: 3, seen: 3, first: { time: 1_785_240_000 } }]);
      expect([read.lines, unread]).toEqual([1, { untold: 0, incomplete: 0, broken: 0, packed: 0, unordered: 0, unopened: 0 }]);
    }
  });

  it('gives no handle for a word that looks like a handle only because a chunk ends within the word', async () => {
    const cut = `${'x'.repeat(LONGEST_PIECE)}${handle.slice(0, -1)}`;
    expect(await audited([cut, 'é\n'])).toMatchObject({ read: { handles: 0 } });
  });

  it('gives no task for protocol values such as requestState, but the report counts these values', async () => {
    const info = { id: 'AAAAAAAAAAAAAAAA', revision: 1, expires_at: '2026-07-28T12:00:00Z', ...KEY };
    const report = await auditOf(JSON.stringify({ cursor: handle, cursor_info: info }));
    expect(report).toMatchObject({ tasks: [], unopened: [], protocol_values: [{ kind: KEY.kind, handles: 1 }] });
    expect(kindsOf(report)).toEqual([]);
  });
});
