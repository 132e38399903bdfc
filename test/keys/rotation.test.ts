/** A rotation during a task, with real tools. Between two calls, the ring is replaced and the clock moved. */
import { describe, expect, test } from 'vitest';
import { readParts } from '../../src/handle/index.ts';
import { type JwkPair, revoke, rotate } from '../../src/keys/index.ts';
import { callTool, toolset } from '../../src/kit/index.ts';
import { researchTools } from '../../src/research/index.ts';
import { DAY, kidOf, lastOf, MINUTE, NOW, pairFrom, ringOf } from './support.ts';

const tools = toolset(researchTools);

/** A replica with a replaceable ring and clock. */
async function replicaWith(pairs: readonly JwkPair[], now: number) {
  let ring = await ringOf(pairs);
  let clock = now;
  const environment = { ring: () => ring, now: () => clock };
  return {
    at(moment: number) {
      clock = moment;
    },
    async reload(next: readonly JwkPair[]) {
      ring = await ringOf(next);
    },
    async call(name: string, args: object) {
      const tool = tools.byName.get(name);
      if (tool === undefined) throw new Error(`no tool ${name}`);
      const { isError, structuredContent, content } = await callTool(tools, tool, args, environment);
      return { isError, text: JSON.stringify(content), ...(structuredContent as Record<string, unknown>) } as {
        isError?: boolean;
        text: string;
        handle: string;
        [field: string]: unknown;
      };
    },
  };
}

const kidIn = (handle: string) => readParts(handle).header.kid;

describe('a rotation between two calls of one task', () => {
  test('leaves the old handle valid, and seals its successor with the new key', async () => {
    const old = await pairFrom(NOW, { exp: NOW + 365 * DAY });
    const replica = await replicaWith([old], NOW);
    const started = await replica.call('start_research_task', { topic: 'tides' });
    expect(kidIn(started.handle)).toBe(kidOf(old));

    const rotated = await rotate([old], { now: NOW + MINUTE, activateIn: 10 * MINUTE, lifetime: 365 * DAY });
    await replica.reload(rotated);
    replica.at(NOW + 11 * MINUTE - 1);
    const before = await replica.call('record_findings', { handle: started.handle, findings: ['twice a day'] });
    expect(kidIn(before.handle), 'a second before the new key is active').toBe(kidOf(old));

    replica.at(NOW + 11 * MINUTE);
    const after = await replica.call('record_findings', { handle: before.handle, findings: ['the moon'] });
    expect(kidIn(after.handle)).toBe(kidOf(lastOf(rotated)));

    const done = await replica.call('complete_research_task', { handle: after.handle, findings: [] });
    const { results } = await replica.call('get_task_status', { handle: done.handle });
    expect(results).toEqual(['twice a day', 'the moon']);
  });

  test('lets a tool that only reads return the old handle unchanged', async () => {
    const old = await pairFrom(NOW);
    const replica = await replicaWith([old], NOW);
    const { handle } = await replica.call('start_research_task', { topic: 'tides' });
    await replica.reload(await rotate([old], { now: NOW, activateIn: MINUTE, lifetime: DAY }));
    replica.at(NOW + MINUTE);
    expect(await replica.call('get_task_status', { handle })).toMatchObject({ handle, status: 'running', topic: 'tides' });
  });

  test('keeps a task open until its last second, even after a second rotation', async () => {
    const first = await pairFrom(NOW);
    const replica = await replicaWith([first], NOW);
    const { handle } = await replica.call('start_research_task', { topic: 'tides' });
    const second = await rotate([first], { now: NOW + 1, activateIn: 1, lifetime: DAY });
    await replica.reload(await rotate(second, { now: NOW + 1000, activateIn: 1, lifetime: DAY }));
    replica.at(NOW + DAY - 1);
    expect(await replica.call('get_task_status', { handle })).toMatchObject({ status: 'running' });
    replica.at(NOW + DAY);
    expect(await replica.call('get_task_status', { handle })).toMatchObject({ isError: true, error: { code: 'expired' } });
  });
});

test('a replica with a slow clock opens handles of a key that is still pending by this clock', async () => {
  const pairs = await rotate([await pairFrom(NOW - DAY / 2)], { now: NOW - MINUTE, activateIn: MINUTE, lifetime: DAY });
  const [ahead, behind] = [await replicaWith(pairs, NOW), await replicaWith(pairs, NOW - 30)];
  const { handle } = await ahead.call('start_research_task', { topic: 'tides' });
  expect(kidIn(handle)).toBe(kidOf(lastOf(pairs)));

  const next = await behind.call('record_findings', { handle, findings: ['twice a day'] });
  expect(next.isError).toBeUndefined();
  expect(kidIn(next.handle), 'here the older key still mints').toBe(kidOf(pairs[0]));
});

describe('a revoked key', () => {
  test('makes every tool reject its handles, while those of other keys open', async () => {
    const old = await pairFrom(NOW);
    const replica = await replicaWith([old], NOW);
    const { handle } = await replica.call('start_research_task', { topic: 'tides' });
    const pairs = await rotate([old], { now: NOW, activateIn: 1, lifetime: DAY });
    await replica.reload(pairs);
    replica.at(NOW + 1);
    const other = await replica.call('start_research_task', { topic: 'stars' });

    await replica.reload(revoke(pairs, kidOf(old), NOW + 1));
    for (const [name, args] of [
      ['get_task_status', {}],
      ['record_findings', { findings: ['late'] }],
    ] as const) {
      expect(await replica.call(name, { handle, ...args })).toMatchObject({ isError: true, error: { code: 'rejected' } });
    }
    expect(await replica.call('get_task_status', { handle: other.handle })).toMatchObject({ status: 'running' });
  });

  test('is never named to the caller', async () => {
    const old = await pairFrom(NOW);
    const replica = await replicaWith([old], NOW);
    const { handle } = await replica.call('start_research_task', { topic: 'tides' });
    await replica.reload([...revoke([old], kidOf(old), NOW), await pairFrom(NOW)]);
    const { text } = await replica.call('get_task_status', { handle });
    expect(text).not.toMatch(/revoked|key/);
    expect(text).not.toContain(kidOf(old));
  });
});

test('while no key mints, a call that needs a new handle is refused, and the old handle still opens', async () => {
  const pair = await pairFrom(NOW, { exp: NOW + MINUTE });
  const replica = await replicaWith([pair], NOW);
  const { handle } = await replica.call('start_research_task', { topic: 'tides' });
  replica.at(NOW + MINUTE);
  expect(await replica.call('record_findings', { handle, findings: ['late'] })).toMatchObject({
    isError: true,
    error: { code: 'unavailable' },
  });
  expect(await replica.call('get_task_status', { handle })).toMatchObject({ status: 'running' });
});
