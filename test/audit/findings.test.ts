import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/handle/index.ts';
import { auditOf, kindsOf, type LoggedWorld, NOW, newStartedTask, otherRing, type StartedTask } from './support.ts';

let logged: StartedTask['logged'];
let first: StartedTask['first'];
let second: StartedTask['second'];
let found: StartedTask['found'];
beforeAll(async () => {
  ({ logged, first, second, found } = await newStartedTask());
});

describe('the audit', () => {
  it('finds a gap in the revisions of a task', async () => {
    const log = logged.lines.filter((line) => !line.includes(first.handle)).join('\n');
    const report = await auditOf(`${log}\n${JSON.stringify({ handle: second.handle })}`, { ring: logged.world.ring });
    expect(kindsOf(report)).toEqual(['low gap']);
    expect(report.findings[0]?.message).toContain(await fingerprint(first.handle));
  });

  it('finds the use of a handle after its expiry, if the line has a time', async () => {
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
    // If an unnamed date equals the handle's expiry, it counts as the expiry, not as the time of the line.
    expect(kindsOf(await plain(expiry))).toEqual([]);
  });

  it('finds a use by a wrong caller, if the option `callerField` is set', async () => {
    const more = ({ present }: LoggedWorld) => {
      present(second.handle, { req: { user: 'ann' } });
      present(second.handle, { req: { user: 'eve' } });
    };
    expect(kindsOf(await found(more))).toEqual([]);
    const report = await found(more, { callerField: 'req.user' });
    expect(kindsOf(report)).toEqual(['high wrong_caller']);
    expect(report.findings[0]?.message).toMatch(/"eve" here, and "ann" elsewhere/);
  });

  it('finds the handles of another ring, and groups them by key', async () => {
    const report = await auditOf(logged.log(), { ring: await otherRing() });
    expect(kindsOf(report)).toEqual(['low other_ring']);
    expect(report).toMatchObject({ tasks: [], findings: [{ handles: 2 }], read: { opened: 0 } });
    expect(report.unopened.map(({ outcome }) => outcome)).toEqual(['unknown_key', 'unknown_key']);
  });

  it('finds the handles of a revoked key, and does not trust their claims', async () => {
    const [entry] = logged.world.ring.entries;
    const ring = { ...logged.world.ring, entries: entry ? [{ ...entry, revoked: true }] : [] };
    expect(await auditOf(logged.log(), { ring })).toMatchObject({
      tasks: [],
      findings: [{ severity: 'medium', type: 'revoked_key', handles: 2 }],
    });
  });

  it('finds a handle that was altered after it was issued', async () => {
    const at = second.handle.length - 40;
    const altered = `${second.handle.slice(0, at)}${second.handle[at] === 'A' ? 'B' : 'A'}${second.handle.slice(at + 1)}`;
    const report = await found(({ present }) => present(altered));
    expect(kindsOf(report)).toEqual(['high altered']);
    expect(report.findings[0]).toMatchObject({ fingerprints: [await fingerprint(altered)], where: { line: 5 } });
    expect(report.findings[0]?.message).toContain('(decryption)');
  });
});
