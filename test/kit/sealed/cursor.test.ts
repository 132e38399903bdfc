import { beforeEach, describe, expect, it } from 'vitest';
import { generateRing, parseDocument, revoke, toDocument, toText } from '../../../src/keys/index.ts';
import { InvalidCursor, type ListIdentity, openCursor, sealCursor } from '../../../src/kit/index.ts';
import { callerNamed, codeOf, fieldsOf, inspect, NOW, newWorld, ringOf, sealed, siblingOf, type World } from '../support.ts';

const query = { filter: { open: true, tags: ['a', 'b'] }, by: 'date' };
const orders = { name: 'orders', query };
const position = { after: 'order-20' };

let world: World;
let cursor: string;
beforeEach(async () => {
  world = await newWorld();
  cursor = await sealCursor(position, orders, world.environment);
});

/** Returns the position in a cursor, or the code and message of the error. */
async function opened(given: unknown, wanted: ListIdentity = orders, where = world, caller = {}): Promise<unknown> {
  try {
    return await openCursor(given, wanted, where.environment, caller);
  } catch (error) {
    if (!(error instanceof InvalidCursor)) throw error;
    return [error.code, error.message, error.data];
  }
}
const INVALID = [-32_602, 'Invalid cursor: start the list again, without a cursor.', undefined];

describe('a cursor', () => {
  it('returns the position that was sealed, even if the members of the query come in another order', async () => {
    expect(await opened(cursor)).toEqual(position);
    expect(await opened(cursor, { query: { by: 'date', filter: { tags: ['a', 'b'], open: true } }, name: 'orders' })).toEqual(position);
  });

  it('can contain any JSON value, and no client can read it', async () => {
    for (const somewhere of [0, '', null, false, [], 'tell-tale']) {
      const sealedCursor = await sealCursor(somewhere, orders, world.environment);
      expect(await opened(sealedCursor)).toEqual(somewhere);
      expect(sealedCursor + sealedCursor.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'))).not.toMatch(
        /tell-tale|orders/,
      );
    }
  });

  it('does not open for another query of the same list', async () => {
    const others = [undefined, null, {}, 'orders', { ...query, by: 'price' }, { ...query, filter: { open: true, tags: ['b', 'a'] } }];
    for (const other of others) expect(await opened(cursor, { name: 'orders', query: other })).toEqual(INVALID);
    expect(await opened(cursor, { name: 'orders', query: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) })).toEqual(INVALID);
  });

  it('does not open for another list with the same query', async () => {
    expect(await opened(cursor, { name: 'baskets', query })).toEqual(INVALID);
    const all = await sealCursor(position, { name: 'orders' }, world.environment);
    expect(await opened(all, { name: 'orders' })).toEqual(position);
    expect(await opened(all, { name: 'baskets' })).toEqual(INVALID);
  });

  it('needs a list with a name', async () => {
    for (const list of [{}, { name: '' }, 'orders', { query }] as unknown as ListIdentity[]) {
      await expect(sealCursor(position, list, world.environment)).rejects.toThrow(TypeError);
      await expect(openCursor(cursor, list, world.environment)).rejects.toThrow('the list has no name');
    }
  });

  it('does not open for another caller or in another deployment', async () => {
    const hers = await sealCursor(position, orders, world.environment, callerNamed('alice'));
    expect(await opened(hers, orders, world, callerNamed('alice'))).toEqual(position);
    expect(await opened(hers, orders, world, callerNamed('bob'))).toEqual(INVALID);
    expect(await opened(hers)).toEqual(INVALID);
    expect(await opened(cursor, orders, world, callerNamed('alice'))).toEqual(INVALID);
    expect(await opened(cursor, orders, await siblingOf(world, { audience: 'elsewhere' }))).toEqual(INVALID);
    expect(await opened(cursor, orders, await siblingOf(world, { notBefore: NOW + 1 }))).toEqual(INVALID);
  });

  it('expires after an hour', async () => {
    world.now = NOW + 3599;
    expect(await opened(cursor)).toEqual(position);
    world.now = NOW + 3600;
    expect(await opened(cursor)).toEqual(INVALID);
  });

  it('does not open with another ring, or after its key was revoked', async () => {
    const { pairs } = parseDocument(toText(await generateRing(NOW)));
    world.ring = await ringOf(toDocument(pairs));
    expect(await opened(cursor)).toEqual(INVALID);
    cursor = await sealCursor(position, orders, world.environment);
    world.ring = await ringOf(toDocument(revoke(pairs, pairs[0]?.secret.kid ?? '', NOW)));
    expect(await opened(cursor)).toEqual(INVALID);
  });

  it('is not accepted as a handle or a requestState, and neither is accepted as a cursor', async () => {
    const { handle } = fieldsOf(await world.call('start_research_task', { topic: 'x' }));
    for (const other of [handle, `${cursor}A`, cursor.slice(0, -1), '', 7, null, undefined, {}]) {
      expect(await opened(other)).toEqual(INVALID);
    }
    const { claims } = await inspect(world, cursor);
    expect(await opened(await sealed(world, { ...claims, kind: 'waxseal-request-state@1' }))).toEqual(INVALID);
    expect(await opened(await sealed(world, { ...claims, st: { p: 1 } }))).toEqual(INVALID);
    expect(codeOf(await world.call('get_task_status', { handle: cursor }))).toBe('wrong_kind');
    await expect(world.call('start_research_task', { topic: 'x' }, { requestState: cursor })).rejects.toThrow(
      'Invalid or expired requestState',
    );
  });

  it('cannot be sealed while no key of the ring mints', async () => {
    world.now = NOW + 366 * 86_400;
    await expect(sealCursor(position, orders, world.environment)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
