import { describe, expect, it } from 'vitest';
import { subjectClaim } from '../../../src/handle/index.ts';
import { type Revocations, type Revoked, withRevocation } from '../../../src/keys/index.ts';
import { callerNamed, codeOf, fieldsOf, infoOf, NOW, newWorld, textOf, type World } from '../support.ts';

const NONE: Revocations = { tasks: new Map(), subjects: new Map() };
const [ALICE, BOB] = [callerNamed('alice'), callerNamed('bob')];

/** The operator writes a revocation into the ring, and the ring reaches the replica. */
function revoke(world: World, revoked: Revoked, until?: number): void {
  world.ring = { ...world.ring, revocations: withRevocation(world.ring.revocations ?? NONE, revoked, NOW, until) };
}

describe('a task that was revoked', () => {
  it('is rejected in every revision, with the one wording for all that is rejected; other tasks go on', async () => {
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

describe('a caller who was revoked', () => {
  it('is rejected whatever he calls, a new task included; nobody else is', async () => {
    const world = await newWorld();
    const hers = fieldsOf(await world.call('start_research_task', { topic: 'x' }, ALICE)).handle;
    const his = fieldsOf(await world.call('start_research_task', { topic: 'x' }, BOB)).handle;
    revoke(world, { sub: await subjectClaim(ALICE.principal) });
    for (const [name, args] of [
      ['get_task_status', { handle: hers }],
      ['record_findings', { handle: hers, findings: ['a'] }],
      ['start_research_task', { topic: 'z' }],
    ] as const) {
      expect(codeOf(await world.call(name, args, ALICE))).toBe('rejected');
      expect(world.records.at(-1)).toMatchObject({ code: 'rejected', reason: 'revoked' });
    }
    expect(codeOf(await world.call('get_task_status', { handle: his }, BOB))).toBeUndefined();
    expect(codeOf(await world.call('start_research_task', { topic: 'z' }))).toBeUndefined();
  });

  it('is served again once the revocation has ended', async () => {
    const world = await newWorld();
    revoke(world, { sub: await subjectClaim(ALICE.principal) }, NOW + 10);
    expect(codeOf(await world.call('start_research_task', { topic: 'x' }, ALICE))).toBe('rejected');
    world.now = NOW + 10;
    expect(codeOf(await world.call('start_research_task', { topic: 'x' }, ALICE))).toBeUndefined();
  });
});
