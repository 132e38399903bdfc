import { beforeAll, describe, expect, it } from 'vitest';
import { strayFindings } from '../../src/audit/findings.ts';
import { conclusionOn, createAudit } from '../../src/audit/index.ts';
import { createLedger } from '../../src/audit/ledger.ts';
import { followLog, newSource } from '../../src/audit/order.ts';
import { fingerprint } from '../../src/handle/index.ts';
import { generatePair, parseRing, toDocument, toText, withoutSigning } from '../../src/keys/index.ts';
import { findHandles } from '../../src/scan/find.ts';
import { auditOf, kindsOf, type LoggedWorld, NOW, newLoggedWorld, otherRing } from './support.ts';

const FINDINGS = { findings: ['it was in Lisbon'] };

/** A task in three revisions, read in between: nothing is wrong with it. */
async function goodTask(logged: LoggedWorld) {
  const first = await logged.call('start_research_task', { topic: 'lost luggage' });
  const second = await logged.call('record_findings', { handle: first.handle, ...FINDINGS });
  await logged.call('get_task_status', { handle: second.handle });
  const third = await logged.call('complete_research_task', { handle: second.handle, findings: [] });
  return { first, second, third };
}

describe('the audit of a good log', () => {
  it.each([2025, 2026] as const)('tells the task, its lineage, when and where, and finds nothing (%i)', async (era) => {
    const logged = await newLoggedWorld(era);
    const { first, second, third } = await goodTask(logged);
    const report = await auditOf(logged.log(), { ring: logged.world.ring });

    expect(report.findings).toEqual([]);
    expect(report.read).toMatchObject({ sources: 1, lines: 8, handles: 3, opened: 3 });
    expect(report.tasks).toMatchObject([{ kind: 'research@1', state: 'live', expires_at: NOW + 1 + 86_400 }]);
    const [task] = report.tasks;
    expect(task?.id).toBe((first['handle_info'] as { id: string }).id);
    expect([task?.first, task?.last]).toEqual([
      { source: 'log', line: 2, time: NOW + 1 },
      { source: 'log', line: 8, time: NOW + 7 },
    ]);
    const names = await Promise.all([first, second, third].map(({ handle }) => fingerprint(handle)));
    expect(task?.revisions.map((revision) => [revision.revision, revision.fingerprint, revision.previous])).toEqual([
      [1, names[0], undefined],
      [2, names[1], names[0]],
      [3, names[2], names[1]],
    ]);
    expect(task?.revisions.map(({ seen, presented }) => [seen, presented])).toEqual([
      [2, 1],
      [4, 2],
      [1, 0],
    ]);
  });

  it('has no handle and no state in its report', async () => {
    const logged = await newLoggedWorld();
    const { third } = await goodTask(logged);
    const text = JSON.stringify(await auditOf(logged.log(), { ring: logged.world.ring }));
    expect(text).not.toContain(third.handle.slice(-60));
    expect(text).not.toMatch(/lost luggage|Lisbon/);
  });

  it('is the same with an inspector ring, and for keys that are long gone', async () => {
    const pair = await generatePair({ iat: 1, nbf: 1, exp: NOW + 86_400 });
    const logged = await newLoggedWorld();
    logged.world.ring = await parseRing(toText(toDocument([pair])));
    await goodTask(logged);
    const inspector = await parseRing(toText(toDocument(withoutSigning([pair]))));
    const audit = createAudit({ ring: inspector });
    await audit.read('log', [logged.log()]);
    const report = audit.report(NOW + 365 * 86_400);
    expect(report).toMatchObject({ findings: [], tasks: [{ state: 'expired' }], read: { opened: 3 } });
  });

  it('takes a delegation for what it is, whoever uses it and however often the task goes on beside it', async () => {
    const logged = await newLoggedWorld();
    const { handle } = await logged.call('start_research_task', { topic: 'lost luggage' }, { sub: 'ann' });
    const one = await logged.call('delegate_task', { handle, rights: ['read', 'record_findings'] }, { sub: 'ann' });
    await logged.call('delegate_task', { handle, rights: ['read'] }, { sub: 'ann' });
    await logged.call('delegate_task', { handle, rights: ['read'], expires_in: 60 }, { sub: 'ann' });
    const next = await logged.call('record_findings', { handle, ...FINDINGS }, { sub: 'ann' });
    await logged.call('record_findings', { handle: one.handle, ...FINDINGS }, { sub: 'bob' });
    await logged.call('record_findings', { handle: next.handle, ...FINDINGS }, { sub: 'ann' });
    const { findings, tasks } = await auditOf(logged.log(), { ring: logged.world.ring, callerField: 'sub' });
    expect(findings).toEqual([]);
    expect(tasks[0]?.revisions.map(({ revision, delegated }) => [revision, delegated]).sort()).toEqual([
      [1, false],
      [2, false],
      [2, true],
      [2, true],
      [2, true],
      [3, false],
      [3, false],
    ]);
  });
});

describe('the audit finds', () => {
  let logged: LoggedWorld;
  let first: { handle: string };
  let second: { handle: string };
  beforeAll(async () => {
    logged = await newLoggedWorld();
    first = await logged.call('start_research_task', { topic: 'lost luggage' });
    second = await logged.call('record_findings', { handle: first.handle, ...FINDINGS });
  });
  /** The log of the two calls above, and more after it. */
  const withMore = async (more: (world: LoggedWorld) => unknown) => {
    const before = logged.lines.length;
    const { now } = logged.world;
    await more(logged);
    const log = logged.log();
    logged.lines.length = before;
    logged.world.now = now;
    return log;
  };
  const found = async (more: (world: LoggedWorld) => unknown, options = {}) =>
    auditOf(await withMore(more), { ring: logged.world.ring, ...options });

  it('a fork, and the replay that made it, once each however it goes on', async () => {
    const report = await found(async ({ call }) => {
      const third = await call('record_findings', { handle: second.handle, ...FINDINGS });
      const fork = await call('record_findings', { handle: first.handle, ...FINDINGS });
      const on = await call('record_findings', { handle: fork.handle, ...FINDINGS });
      await call('record_findings', { handle: on.handle, ...FINDINGS });
      await call('record_findings', { handle: third.handle, ...FINDINGS });
    });
    expect(kindsOf(report).filter((kind) => kind.includes('fork'))).toEqual(['high fork']);
    const [fork] = report.findings;
    expect(fork).toMatchObject({ verified: true, handles: 2, task: report.tasks[0]?.id, where: { line: 8 } });
    expect(fork?.fingerprints[0]).toBe(await fingerprint(second.handle));
    const replays = report.findings.filter(({ type }) => type === 'replay');
    expect(replays).toMatchObject([{ severity: 'medium', where: { line: 7 }, fingerprints: [await fingerprint(first.handle)] }]);
  });

  it('a fork of which the log has neither the origin nor the point where it parted', async () => {
    const { call, lines, world } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const [one, other] = [await call('record_findings', { handle, ...FINDINGS }), await call('record_findings', { handle, ...FINDINGS })];
    await call('record_findings', { handle: one.handle, ...FINDINGS });
    await call('record_findings', { handle: other.handle, ...FINDINGS });
    const answers = lines.filter((line) => line.includes('"revision":3'));
    const report = await auditOf(answers.join('\n'), { ring: world.ring });
    expect(kindsOf(report)).toEqual(['high fork', 'low gap', 'low gap']);
  });

  it('a replay only by the clock where lines have times, whatever their order', async () => {
    const late = await withMore(({ call }) => call('get_task_status', { handle: second.handle }));
    const shuffled = late.trim().split('\n').reverse().join('\n');
    expect(kindsOf(await auditOf(shuffled, { ring: logged.world.ring }))).toEqual([]);
    expect(kindsOf(await found(({ present }) => present(first.handle)))).toEqual(['medium replay']);
    const untimed = (await withMore(({ present }) => present(first.handle))).replace(/"time":\d+,/g, '');
    expect(kindsOf(await auditOf(untimed, { ring: logged.world.ring }))).toEqual(['medium replay']);
  });

  it('all replays of a revision at the place of the first, with the number and the last place of the others', async () => {
    const report = await found(({ present }) => {
      present(first.handle);
      present(second.handle);
      present(first.handle);
      present(first.handle);
    });
    expect(report.findings).toMatchObject([{ type: 'replay', severity: 'medium', where: { line: 5 } }]);
    expect(report.findings[0]?.message).toBe('Revision 1 is presented after revision 2 was seen, and 2 more times, last in log:8.');
  });

  it('a replay under another id of a call, and no replay in a call that its client sends again with every request', async () => {
    const use = (id: string, handle: string) => ({ role: 'assistant', content: [{ type: 'tool_use', id, name: 'x', input: { handle } }] });
    const [one, two] = [use('call_1', first.handle), use('call_2', second.handle)];
    const request = (...messages: object[]) => JSON.stringify({ model: 'x', messages });
    const withRequests = (...requests: string[]) => found(({ lines }) => lines.push(...requests));
    // The log of the calls themselves shows the first use, so the client's first message of it is a second one.
    const before = logged.lines.splice(2, 1);
    const clean = await withRequests(request(one), request(one, two), request(one, two));
    const replay = await withRequests(request(one), request(one, two), request(one, two, use('call_3', first.handle)));
    logged.lines.splice(2, 0, ...before);
    expect(clean.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([1, 1]);
    expect(clean.notes).toEqual(['At 3 places the logs repeat a call that stands in them already. Each call counts once.']);
    expect(replay.tasks[0]?.revisions.map(({ presented }) => presented)).toEqual([2, 1]);
    expect(kindsOf(replay)).toEqual(['medium replay']);
  });

  it('a replay under an id that its client counts, also in another session', async () => {
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

  it('no replay in messages that a shipper delivers twice, less where they have other times, and a replay in a request with a second answer', async () => {
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

  it.each<[string, (handle: string) => string]>([
    ['in hexadecimal', (handle) => Buffer.from(handle).toString('hex')],
    ['as a Buffer in JSON', (handle) => JSON.stringify(Buffer.from(handle))],
    ['as a pretty-printed list of bytes', (handle) => JSON.stringify([...Buffer.from(handle)], null, 2)],
    ['with each character escaped', (handle) => handle.replace(/./g, (one) => `\\x${one.charCodeAt(0).toString(16)}`)],
    ['with percent signs', (handle) => handle.replace(/./g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)],
  ])('no handle in an encoding that it does not read, and counts it: %s', async (_name, encoded) => {
    const report = await found(({ lines }) => lines.push(`{"body":${JSON.stringify(encoded(first.handle)).replaceAll('\\n', '\n')}}`));
    expect(report.unread.incomplete).toBe(1);
  });

  it('a replay where lines do not say who speaks, as less', async () => {
    const text = `start: ${first.handle}\nthen ${second.handle}\nagain ${first.handle}\n`;
    expect(kindsOf(await auditOf(text, { ring: logged.world.ring }))).toEqual(['low replay']);
  });

  it('a gap', async () => {
    const log = logged.lines.filter((line) => !line.includes(first.handle)).join('\n');
    const report = await auditOf(`${log}\n${JSON.stringify({ handle: second.handle })}`, { ring: logged.world.ring });
    expect(kindsOf(report)).toEqual(['low gap']);
    expect(report.findings[0]?.message).toContain(await fingerprint(first.handle));
  });

  it('a use after expiry, where the line tells the time', async () => {
    const at = (time: unknown) =>
      found(({ lines }) =>
        lines.push(JSON.stringify({ time, jsonrpc: '2.0', id: 1, method: 'tools/call', params: { handle: second.handle } })),
      );
    const expiry = NOW + 1 + 86_400;
    for (const time of [expiry, expiry * 1000, new Date(expiry * 1000).toISOString()]) {
      expect(kindsOf(await at(time)), String(time)).toEqual(['medium used_after_expiry']);
    }
    for (const time of [expiry - 1, undefined, 'soon', -1, 1e20]) expect(kindsOf(await at(time)), String(time)).toEqual([]);
    const plain = (time: number) => found(({ lines }) => lines.push(`[${new Date(time * 1000).toISOString()}] GET /?h=${second.handle}`));
    expect(kindsOf(await plain(expiry + 1))).toEqual(['low used_after_expiry']);
    // A date without a name that is the deadline of the handle beside it is no time of a record.
    expect(kindsOf(await plain(expiry))).toEqual([]);
  });

  it('a wrong caller, where it is told which member names him', async () => {
    const more = ({ present }: LoggedWorld) => {
      present(second.handle, { req: { user: 'ann' } });
      present(second.handle, { req: { user: 'eve' } });
    };
    expect(kindsOf(await found(more))).toEqual([]);
    const report = await found(more, { callerField: 'req.user' });
    expect(kindsOf(report)).toEqual(['high wrong_caller']);
    expect(report.findings[0]?.message).toMatch(/"eve" here, and "ann" elsewhere/);
  });

  it('handles of another ring, by key', async () => {
    const report = await auditOf(logged.log(), { ring: await otherRing() });
    expect(kindsOf(report)).toEqual(['low other_ring']);
    expect(report).toMatchObject({ tasks: [], findings: [{ handles: 2 }], read: { opened: 0 } });
    expect(report.unopened.map(({ outcome }) => outcome)).toEqual(['unknown_key', 'unknown_key']);
  });

  it('handles of a revoked key, and does not believe them', async () => {
    const [entry] = logged.world.ring.entries;
    const ring = { ...logged.world.ring, entries: entry ? [{ ...entry, revoked: true }] : [] };
    expect(await auditOf(logged.log(), { ring })).toMatchObject({
      tasks: [],
      findings: [{ severity: 'medium', type: 'revoked_key', handles: 2 }],
    });
  });

  it('a handle that was altered, or forged under a known key', async () => {
    const at = second.handle.length - 40;
    const altered = `${second.handle.slice(0, at)}${second.handle[at] === 'A' ? 'B' : 'A'}${second.handle.slice(at + 1)}`;
    const report = await found(({ present }) => present(altered));
    expect(kindsOf(report)).toEqual(['high altered']);
    expect(report.findings[0]).toMatchObject({ fingerprints: [await fingerprint(altered)], where: { line: 5 } });
    expect(report.findings[0]?.message).toContain('(decryption)');
  });

  it('that there is more than it can remember, and does not pretend to have looked', async () => {
    const ledger = createLedger(undefined, 1);
    const positionOf = followLog(newSource('log', 0));
    const sightings = [first, second].flatMap(({ handle }) => [...findHandles(handle)]);
    await ledger.add(sightings.map((found, at) => ({ found, role: 'mentioned', position: positionOf({ line: at + 1, place: at }) })));
    expect(strayFindings(ledger)).toMatchObject([{ severity: 'high', type: 'incomplete', position: { line: 2 } }]);
  });

  it.each([
    ['id', { id: 'AAAAAAAAAAAAAAAA' }],
    ['kind', { kind: 'basket@1' }],
    ['revision', { revision: 7 }],
    ['revision, in another type', { revision: '2' }],
    ['expiry', { expires_at: '2030-01-01T00:00:00Z' }],
    ['rights', { rights: ['read'] }],
  ])('beside a handle what it does not say: %s', async (_name, lie) => {
    const more = ({ lines }: LoggedWorld) => lines.push(JSON.stringify({ handle: second.handle, handle_info: lie }));
    expect(kindsOf(await found(more))).toEqual(['medium contradicted_info']);
  });
});

describe('without a ring', () => {
  it('tasks are told by what stands beside their handles, as hearsay', async () => {
    const logged = await newLoggedWorld();
    const { first } = await goodTask(logged);
    const report = await auditOf(logged.log());
    expect(report).toMatchObject({ verified: false, findings: [], read: { handles: 3, opened: 0 } });
    expect(report.tasks[0]?.revisions.map(({ revision }) => revision)).toEqual([1, 2, 3]);

    await logged.call('record_findings', { handle: first.handle, ...FINDINGS });
    const { findings } = await auditOf(logged.log());
    expect(findings.map(({ severity, type, verified }) => [severity, type, verified])).toEqual([
      ['medium', 'fork', false],
      ['low', 'replay', false],
    ]);
  });

  it('of a handle alone its header is told', async () => {
    const logged = await newLoggedWorld();
    const { handle } = await logged.call('start_research_task', { topic: 'x' });
    const { tasks, unopened } = await auditOf(`look: ${handle}`);
    expect(tasks).toEqual([]);
    const [kid] = logged.world.ring.entries.map((entry) => entry.kid);
    expect(unopened).toMatchObject([{ kid, length: handle.length, compressed: true, outcome: 'not_opened', seen: 1 }]);
  });

  it('handles of which nothing tells the task are counted, since their order and so a replay cannot be seen', async () => {
    const logged = await newLoggedWorld();
    const { first, second } = await goodTask(logged);
    const use = (handle: string) =>
      JSON.stringify({ jsonrpc: '2.0', id: handle.slice(-9), method: 'tools/call', params: { arguments: { handle } } });
    const log = [first, second, first].map(({ handle }) => use(handle)).join('\n');
    const report = await auditOf(log);
    expect(report).toMatchObject({ findings: [], unread: { unopened: 2 } });
    expect(conclusionOn(report)).toBe('No findings in what could be read.');
  });
});
