import { describe, expect, it } from 'vitest';
import { conclusionOn, isComplete, unreadLines } from '../../src/audit/index.ts';
import { ALL_READ, auditOf, NOW, newLoggedWorld } from './support.ts';

describe('the report', () => {
  it('counts as not understood: handles of which the log does not tell whether they were presented or issued, handles that were cut, and broken JSON', async () => {
    const { call, world } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const message = { jsonrpc: '2.0', method: 'tools/call', params: { arguments: { handle } } };
    const line = JSON.stringify({ time: NOW, message });
    const unread = async (log: string) => (await auditOf(log, { ring: world.ring })).unread;
    expect(await unread(line)).toEqual(ALL_READ);
    expect(await unread(`see ${handle}`)).toEqual({ ...ALL_READ, untold: 1 });
    expect(await unread(`see ${handle.slice(0, -3)}`)).toEqual({ ...ALL_READ, incomplete: 1 });
    expect(await unread(`see ${handle.slice(0, 30)}…`)).toEqual({ ...ALL_READ, incomplete: 1 });
    expect(await unread(JSON.stringify({ message: { ...message, params: { arguments: { handle: handle.slice(0, 300) } } } }))).toEqual({
      ...ALL_READ,
      incomplete: 1,
    });
    expect(await unread(line.slice(0, -2))).toEqual({ ...ALL_READ, broken: 1 });
    // A line that was cut still tells whether the client or the server wrote it.
    const cut = await auditOf(line.slice(0, -2), { ring: world.ring });
    expect(cut.tasks[0]?.revisions).toMatchObject([{ presented: 1, first: { time: NOW } }]);
    expect(isComplete(cut)).toBe(false);
    const folded = handle.match(/.{1,76}/g)?.join('\n') ?? '';
    expect(await unread(`see ${folded}`)).toEqual({ ...ALL_READ, untold: 1 });
    // Joined pieces of two handles look like a forgery. The audit reports none: it may have joined them by mistake.
    const mixed = await auditOf(`see ${folded.replace(/\n(.{76})\n/, (_all, line) => `\n${[...line].reverse().join('')}\n`)}`, {
      ring: world.ring,
    });
    expect([mixed.findings, mixed.unread]).toEqual([[], { ...ALL_READ, incomplete: 1 }]);
    const other = `eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..${handle.slice(80)}`;
    expect(await unread(`another token: ${other}`)).toEqual(ALL_READ);
  });
});

describe('the text of a report', () => {
  const read = { handles: 2, mentions: 1_234 };

  it('has one line for each sort of data that was not understood', () => {
    expect(unreadLines({ read, unread: ALL_READ })).toEqual([]);
    for (const [name, counts] of Object.entries({ ...ALL_READ }).map(([name]) => [name, { ...ALL_READ, [name]: 1 }] as const))
      expect(unreadLines({ read, unread: counts }), name).toHaveLength(1);
    expect(unreadLines({ read, unread: { ...ALL_READ, untold: 1_000 } })).toEqual([
      'at 1,000 of 1,234 places nothing tells whether a handle was presented or issued',
    ]);
  });

  it('is "No findings." only if handles were read and everything was understood', () => {
    const findings = (['high', 'low', 'low'] as const).map((severity) => ({ severity }));
    const unread = { ...ALL_READ, packed: 1 };
    expect(conclusionOn({ read, findings: [], unread: ALL_READ })).toBe('No findings.');
    expect(conclusionOn({ read, findings: [], unread })).toBe('No findings in what could be read.');
    expect(conclusionOn({ read: { ...read, handles: 0 }, findings: [], unread: ALL_READ })).toMatch(/nothing was audited/);
    expect(conclusionOn({ read, findings, unread })).toBe('3 findings: 1 high, 0 medium, 2 low.');
  });
});
