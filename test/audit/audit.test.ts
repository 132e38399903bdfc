import { describe, expect, it } from 'vitest';
import { conclusionOn, createAudit } from '../../src/audit/index.ts';
import { fingerprint } from '../../src/handle/index.ts';
import { generatePair, parseRing, toDocument, toText, withoutSigning } from '../../src/keys/index.ts';
import { auditOf, FINDINGS, type LoggedWorld, NOW, newLoggedWorld } from './support.ts';

/** Logs a task with three revisions and one reading of its status. The audit must find nothing wrong with this task. */
async function goodTask(logged: LoggedWorld) {
  const first = await logged.call('start_research_task', { topic: 'lost luggage' });
  const second = await logged.call('record_findings', { handle: first.handle, ...FINDINGS });
  await logged.call('get_task_status', { handle: second.handle });
  const third = await logged.call('complete_research_task', { handle: second.handle, findings: [] });
  return { first, second, third };
}

describe('the audit of a good log', () => {
  it.each([2025, 2026] as const)('reports the lineage of a task and no finding, for a client of the MCP revision of %i', async (era) => {
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

  it('writes no handle and no state into its report', async () => {
    const logged = await newLoggedWorld();
    const { third } = await goodTask(logged);
    const text = JSON.stringify(await auditOf(logged.log(), { ring: logged.world.ring }));
    expect(text).not.toContain(third.handle.slice(-60));
    expect(text).not.toMatch(/lost luggage|Lisbon/);
  });

  it('needs only an inspector ring, even long after the keys have expired', async () => {
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
});

describe('the audit without a ring', () => {
  it('learns of tasks from the values beside the handles, and marks its report as unverified', async () => {
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

  it('finds no task for a handle with no values beside it, and reports what its header says', async () => {
    const logged = await newLoggedWorld();
    const { handle } = await logged.call('start_research_task', { topic: 'x' });
    const { tasks, unopened } = await auditOf(`look: ${handle}`);
    expect(tasks).toEqual([]);
    const [kid] = logged.world.ring.entries.map((entry) => entry.kid);
    expect(unopened).toMatchObject([{ kid, length: handle.length, compressed: true, outcome: 'not_opened', seen: 1 }]);
  });

  it('counts handles whose task is unknown, because it cannot find their order or a replay among them', async () => {
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
