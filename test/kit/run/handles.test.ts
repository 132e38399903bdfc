import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { succeeds } from '../../../src/handle/index.ts';
import { generateRing } from '../../../src/keys/index.ts';
import { createTool, defineKind, handleOf, oneOf, readTool, updateTool } from '../../../src/kit/index.ts';
import {
  callerNamed,
  codeOf,
  fieldsOf,
  infoOf,
  inspect,
  NOW,
  newWorld,
  ringOf,
  sealed,
  siblingOf,
  textOf,
  type World,
} from '../support.ts';

const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });
const order = defineKind({
  name: 'order',
  version: 1,
  schema: z.strictObject({ items: z.array(z.string()), to: z.string() }),
  lifetime: 7200,
});
const coupon = defineKind({ name: 'coupon', version: 1, schema: z.strictObject({ off: z.int() }), lifetime: 600 });
const either = oneOf(basket, order);

const createBasket = createTool(
  basket,
  'create_basket',
  { description: '', inputSchema: { items: z.array(z.string()).default([]) } },
  ({ items }) => ({ state: { items }, text: 'Created.' }),
);
const createCoupon = createTool(coupon, 'create_coupon', { description: '' }, () => ({ state: { off: 5 }, text: 'Created.' }));
const show = readTool(either, 'show', { description: '', outputSchema: { shown: z.unknown() } }, (given) => ({
  structuredContent: { shown: given },
  text: given.kind === 'order' ? given.state.to : 'no address',
}));
const address = updateTool(either, 'address', { description: '', inputSchema: { to: z.string() } }, ({ state: { items } }, { to }) => ({
  state: { kind: 'order', state: { items, to } },
  text: 'Addressed.',
}));
const add = updateTool(either, 'add', { description: '', inputSchema: { sku: z.string() } }, (given, { sku }) => {
  const items = [...given.state.items, sku];
  const state = given.kind === 'order' ? { ...given, state: { ...given.state, items } } : { ...given, state: { items } };
  return { state, text: 'Added.' };
});
const merge = updateTool(
  basket,
  'merge',
  {
    description: '',
    inputSchema: {
      other: handleOf(basket).describe('another basket'),
      discount: handleOf(coupon).optional(),
      note: z.string().default(''),
    },
    outputSchema: { off: z.int() },
  },
  ({ items }, { other, discount, note }) => ({
    state: { items: [...items, ...other.items, ...(note === '' ? [] : [note])] },
    structuredContent: { off: discount?.off ?? 0 },
    text: 'Merged.',
  }),
);
const tools = [createBasket, createCoupon, show, address, add, merge];

let world: World;
let tea: string;
let milk: string;
beforeEach(async () => {
  world = await newWorld({ tools });
  [tea, milk] = [await basketOf('tea'), await basketOf('milk')];
});

async function basketOf(...items: string[]): Promise<string> {
  return fieldsOf(await world.call('create_basket', { items })).handle;
}

describe('a tool that takes several kinds', () => {
  it('gets the state together with the name of its kind', async () => {
    expect(fieldsOf(await world.call('show', { handle: tea }))['shown']).toEqual({ kind: 'basket', state: { items: ['tea'] } });
  });

  it('can keep the kind of a task, or change the task to another of these kinds', async () => {
    const added = await world.call('add', { handle: tea, sku: 'jam' });
    expect(infoOf(added)).toMatchObject({ kind: 'basket@1', revision: 2 });
    const addressed = await world.call('address', { handle: fieldsOf(added).handle, to: 'Oslo' });
    expect(infoOf(addressed)).toEqual({ ...infoOf(added), kind: 'order@1', revision: 3 });
    expect(await succeeds(await inspect(world, fieldsOf(addressed).handle), await inspect(world, fieldsOf(added).handle))).toBe(true);
    const more = await world.call('add', { handle: fieldsOf(addressed).handle, sku: 'bread' });
    expect(fieldsOf(await world.call('show', { handle: fieldsOf(more).handle }))['shown']).toEqual({
      kind: 'order',
      state: { items: ['tea', 'jam', 'bread'], to: 'Oslo' },
    });
  });

  it('can change a task to a kind that another tool then refuses', async () => {
    const { handle } = fieldsOf(await world.call('address', { handle: tea, to: 'Oslo' }));
    const result = await world.call('merge', { handle, other: milk });
    expect(codeOf(result)).toBe('wrong_kind');
    expect(textOf(result)).toBe(
      'This handle is of kind order@1; basket@1 is needed. Tools that take this handle: show, address, add, delegate_task.',
    );
  });

  it('refuses every other kind, and names the kinds that it takes', async () => {
    const { handle } = fieldsOf(await world.call('create_coupon', {}));
    const result = await world.call('show', { handle });
    expect([codeOf(result), textOf(result)]).toEqual([
      'wrong_kind',
      'This handle is of kind coupon@1; basket@1 or order@1 is needed. Tools that take this handle: merge, delegate_task.',
    ]);
  });

  it.each([
    ['a kind that it does not take', { kind: 'coupon', state: { off: 1 } }],
    ['a kind that does not exist', { kind: 'toString', state: {} }],
    ['the state of the other kind', { kind: 'order', state: { items: [] } }],
    ['no kind', { items: [] }],
    ['nothing', undefined],
  ])('has a defect if its handler returns %s', async (_name, state) => {
    const broken = updateTool(either, 'broken', { description: '' }, () => ({ state, text: '' }) as never);
    const other = await siblingOf(world, { tools: [...tools, broken] });
    await expect(other.call('broken', { handle: tea })).rejects.toThrow();
    expect(other.records).toMatchObject([{ outcome: 'error', code: 'internal_error' }]);
    expect(other.records).toHaveLength(1);
  });

  it('cannot take two kinds with one name, because handlers tell kinds apart by name', () => {
    const second = defineKind({ name: 'basket', version: 2, schema: z.string(), lifetime: 60 });
    expect(() => oneOf(basket, second)).toThrow('two kinds have the same name');
  });
});

describe('a tool that takes several handles', () => {
  it('gets the validated state of each, and issues a new handle only for the first', async () => {
    const merged = await world.call('merge', { handle: tea, other: milk });
    expect(fieldsOf(merged)['off']).toBe(0);
    expect(infoOf(merged)).toMatchObject({ revision: 2, id: (await inspect(world, tea)).claims.jti });
    expect(fieldsOf(await world.call('show', { handle: fieldsOf(merged).handle }))['shown']).toMatchObject({
      state: { items: ['tea', 'milk'] },
    });
    expect(fieldsOf(await world.call('show', { handle: milk }))['shown']).toMatchObject({ state: { items: ['milk'] } });
  });

  it('can take an optional handle, and a handle of another kind', async () => {
    const { handle: discount } = fieldsOf(await world.call('create_coupon', {}));
    expect(fieldsOf(await world.call('merge', { handle: tea, other: milk, discount }))['off']).toBe(5);
  });

  it('can get the same handle in two arguments', async () => {
    const merged = await world.call('merge', { handle: tea, other: tea });
    expect(fieldsOf(await world.call('show', { handle: fieldsOf(merged).handle }))['shown']).toMatchObject({
      state: { items: ['tea', 'tea'] },
    });
  });

  it('lists its handles as strings, with the author’s descriptions', () => {
    expect(merge.definition.inputSchema).toMatchObject({
      properties: { handle: { type: 'string' }, other: { type: 'string', description: 'another basket' }, discount: { type: 'string' } },
      required: ['handle', 'other'],
    });
  });

  it('names the argument whose handle is wrong, and says what to do', async () => {
    const { handle: discount } = fieldsOf(await world.call('create_coupon', {}));
    const wrong: [args: object, code: string, wording: string | RegExp][] = [
      [{ other: milk.slice(0, 300) }, 'malformed', /^other: The handle is cut short: .* Pass the last handle again/],
      [{ other: '' }, 'malformed', /^other: The handle is empty/],
      [
        { other: discount },
        'wrong_kind',
        'other: This handle is of kind coupon@1; basket@1 is needed. Tools that take this handle: merge, delegate_task.',
      ],
      [{ other: milk, discount: milk }, 'wrong_kind', /^discount: This handle is of kind basket@1; coupon@1 is needed/],
      [
        { other: milk, discount: `${discount.slice(0, -30)}AAAA${discount.slice(-26)}` },
        'rejected',
        'discount: This handle is not valid here. Compare it with the last answer, and pass that handle again, exactly. Only if that is refused as well, start a new task with create_coupon.',
      ],
    ];
    for (const [args, code, wording] of wrong) {
      const result = await world.call('merge', { handle: tea, ...args });
      expect([codeOf(result), textOf(result)]).toEqual([code, expect.stringMatching(wording)]);
    }
    expect(textOf(await world.call('merge', { handle: 'x', other: milk }))).toMatch(/^This does not begin like a handle/);
  });

  it('refuses a handle of another caller, another deployment or another ring, and a handle that has expired', async () => {
    const alice = callerNamed('alice');
    const hers = fieldsOf(await world.call('create_basket', {}, alice)).handle;
    const elsewhere = await siblingOf(world, { tools, audience: 'elsewhere' });
    const theirs = fieldsOf(await elsewhere.call('create_basket', {})).handle;
    const stranger = await newWorld({ tools });
    const strange = fieldsOf(await stranger.call('create_basket', {})).handle;
    const frozen = [
      'rejected',
      'other: This handle is not valid here. Compare it with the last answer, and pass that handle again, exactly. Only if that is refused as well, start a new task with create_basket.',
    ];
    for (const [other, reason] of [
      [hers, 'subject'],
      [theirs, 'audience'],
      [strange, 'unknown_key'],
    ]) {
      const result = await world.call('merge', { handle: tea, other });
      expect([codeOf(result), textOf(result)]).toEqual(frozen);
      expect(world.records.at(-1)).toMatchObject({ code: 'rejected', reason });
    }
    const mine = fieldsOf(await world.call('create_basket', {}, alice)).handle;
    expect(textOf(await world.call('merge', { handle: mine, other: milk }, alice))).toBe(frozen[1]);

    const { claims } = await inspect(world, milk);
    const late = await sealed(world, { ...claims, iat: NOW - 100, exp: NOW });
    expect(textOf(await world.call('merge', { handle: tea, other: late }))).toBe(
      'other: This handle expired at 2026-07-28T12:00:00Z. Start again with create_basket.',
    );
    world.ring = await ringOf(await generateRing(NOW));
    expect(codeOf(await world.call('merge', { handle: tea, other: milk }))).toBe('rejected');
  });

  it('names the argument whose handle has a newer version than the server knows', async () => {
    const newer = await sealed(world, { ...(await inspect(world, milk)).claims, kind: 'basket@2' });
    const result = await world.call('merge', { handle: tea, other: newer });
    expect(codeOf(result)).toBe('newer_kind');
    expect(textOf(result)).toMatch(/^other: This handle is of kind basket@2/);
  });

  it('takes a handle in another argument if that handle has the right "read" or the right to call the tool', async () => {
    const readOnly = fieldsOf(await world.call('delegate_task', { handle: milk })).handle;
    const onlyAdd = fieldsOf(await world.call('delegate_task', { handle: milk, rights: ['add'] })).handle;
    const onlyMerge = fieldsOf(await world.call('delegate_task', { handle: milk, rights: ['merge'] })).handle;
    for (const other of [readOnly, onlyMerge]) expect(codeOf(await world.call('merge', { handle: tea, other }))).toBeUndefined();
    const refused = await world.call('merge', { handle: tea, other: onlyAdd });
    expect([codeOf(refused), textOf(refused)]).toEqual(['forbidden', expect.stringMatching(/^other: .*lacks the right to call merge/)]);
    expect(textOf(await world.call('merge', { handle: readOnly, other: tea }))).toMatch(/^This handle was delegated/);

    const { handle: discount } = fieldsOf(await world.call('create_coupon', {}));
    const part = await world.call('delegate_task', { handle: discount, rights: ['merge'] });
    expect(codeOf(await world.call('merge', { handle: tea, other: milk, discount: fieldsOf(part).handle }))).toBeUndefined();
    expect(textOf(await world.call('delegate_task', { handle: discount, rights: ['add'] }))).toContain('Rights to this task: read, merge.');
  });

  it('never advises the model to shorten a handle', async () => {
    const small = await siblingOf(world, { tools, maxLength: 2048 });
    const result = await small.call('merge', { handle: tea, other: milk, note: 'n'.repeat(900) });
    expect(codeOf(result)).toBe('state_too_large');
    expect(textOf(result)).toContain('Shorten note.');
  });

  it('cannot have a handle inside another argument, because its handler would get text and no state', () => {
    const wrapped = {
      nullable: handleOf(basket).nullable(),
      array: z.array(handleOf(basket)),
      object: z.strictObject({ basket: handleOf(basket) }),
      record: z.record(z.string(), handleOf(basket)),
      union: z.union([z.int(), handleOf(basket)]),
      default: handleOf(basket).optional().nullable(),
      pipe: z.string().pipe(handleOf(basket)),
      transform: handleOf(basket).transform((state) => state.items),
    };
    for (const [name, argument] of Object.entries(wrapped)) {
      const declare = () => updateTool(basket, 'smuggle', { description: '', inputSchema: { argument } }, (state) => ({ state, text: '' }));
      expect(declare, name).toThrow(/argument: handleOf must be a whole argument|cannot be represented/i);
    }
  });
});
