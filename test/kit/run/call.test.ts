import { describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import { subjectClaim } from '../../../src/handle/index.ts';
import { type Revocations, type Revoked, withRevocation } from '../../../src/keys/index.ts';
import { createTool, defineKind, sealCursor, updateTool } from '../../../src/kit/index.ts';
import { callerNamed, codeOf, fieldsOf, infoOf, NOW, newWorld, textOf, type World } from '../support.ts';

const NONE: Revocations = { tasks: new Map(), subjects: new Map() };
const [ALICE, BOB] = [callerNamed('alice'), callerNamed('bob')];

/** Revokes a task or a caller. The replica has the new ring at once. */
function revoke(world: World, revoked: Revoked, until?: number): void {
  world.ring = { ...world.ring, revocations: withRevocation(world.ring.revocations ?? NONE, revoked, NOW, until) };
}

describe('a revoked task', () => {
  it('is rejected in every revision, with the usual text, and other tasks are not affected', async () => {
    const world = await newWorld();
    const first = await world.call('start_research_task', { topic: 'x' });
    const other = await world.call('start_research_task', { topic: 'y' });
    const second = await world.call('record_findings', { handle: fieldsOf(first).handle, findings: ['a'] });
    revoke(world, { jti: infoOf(first).id });
    const forged = await world.call('get_task_status', { handle: `${fieldsOf(other).handle.slice(0, -4)}AAAA` });
    for (const answer of [first, second]) {
      const refused = await world.call('get_task_status', { handle: fieldsOf(answer).handle });
      expect(codeOf(refused)).toBe('rejected');
      expect(textOf(refused)).toBe(textOf(forged));
      expect(world.records.at(-1)).toMatchObject({ code: 'rejected', reason: 'revoked' });
    }
    expect(codeOf(await world.call('get_task_status', { handle: fieldsOf(other).handle }))).toBeUndefined();
  });
});

describe('a revoked caller', () => {
  it('is refused by every tool, and gets no new handles', async () => {
    const world = await newWorld();
    const hers = fieldsOf(await world.call('start_research_task', { topic: 'x' }, ALICE)).handle;
    const his = fieldsOf(await world.call('start_research_task', { topic: 'x' }, BOB)).handle;
    revoke(world, { sub: await subjectClaim(ALICE.principal) });
    for (const [name, args] of [
      ['get_task_status', { handle: hers }],
      ['record_findings', { handle: hers, findings: ['a'] }],
    ] as const) {
      expect(codeOf(await world.call(name, args, ALICE))).toBe('rejected');
      expect(world.records.at(-1)).toMatchObject({ code: 'rejected', reason: 'revoked' });
    }
    // The structure of a handle is public, so even a revoked caller learns that a handle is malformed.
    expect(codeOf(await world.call('get_task_status', { handle: 'x' }, ALICE))).toBe('malformed');
    // A new task has no handle to reject, so the text is that of a server that cannot mint.
    const started = await world.call('start_research_task', { topic: 'z' }, ALICE);
    world.ring = { ...world.ring, entries: [] };
    expect(started).toEqual(await world.call('start_research_task', { topic: 'z' }, BOB));
    expect(codeOf(started)).toBe('unavailable');
    expect(his).toMatch(/^ey/);
  });

  it('does not affect other callers', async () => {
    const world = await newWorld();
    const his = fieldsOf(await world.call('start_research_task', { topic: 'x' }, BOB)).handle;
    revoke(world, { sub: await subjectClaim(ALICE.principal) });
    expect(codeOf(await world.call('get_task_status', { handle: his }, BOB))).toBeUndefined();
    expect(codeOf(await world.call('start_research_task', { topic: 'z' }))).toBeUndefined();
  });

  it('is served again once the revocation has ended', async () => {
    const world = await newWorld();
    revoke(world, { sub: await subjectClaim(ALICE.principal) }, NOW + 10);
    expect(codeOf(await world.call('start_research_task', { topic: 'x' }, ALICE))).toBe('unavailable');
    world.now = NOW + 10;
    expect(codeOf(await world.call('start_research_task', { topic: 'x' }, ALICE))).toBeUndefined();
  });
});

describe('a revocation', () => {
  it('prevents the next handle even if the replica gets the revocation while the tool works', async () => {
    const note = defineKind({ name: 'note', version: 1, schema: z.strictObject({}), lifetime: 60 });
    let arrive = () => {};
    const tools = [
      createTool(note, 'start', { description: '' }, () => ({ state: {}, text: 'x' })),
      updateTool(note, 'move', { description: '' }, () => {
        arrive();
        return { state: {}, text: 'x' };
      }),
    ];
    const world = await newWorld({ tools });
    const answer = await world.call('start', {}, ALICE);
    arrive = () => revoke(world, { jti: infoOf(answer).id });
    expect(codeOf(await world.call('move', { handle: fieldsOf(answer).handle }, ALICE))).toBe('unavailable');
    expect(codeOf(await world.call('move', { handle: fieldsOf(answer).handle }, ALICE))).toBe('rejected');
  });

  it('prevents new cursors for the revoked caller', async () => {
    const world = await newWorld();
    revoke(world, { sub: await subjectClaim(ALICE.principal) });
    await expect(sealCursor(1, { name: 'list' }, world.environment, ALICE)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(sealCursor(1, { name: 'list' }, world.environment, BOB)).resolves.toMatch(/^ey/);
  });
});

test('a cursor longer than the environment’s maxLength is not sealed', async () => {
  const world = await newWorld({ maxLength: 4096 });
  await expect(sealCursor('x'.repeat(5000), { name: 'list' }, world.environment)).rejects.toMatchObject({ code: 'state_too_large' });
});
