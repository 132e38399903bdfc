/** That authors write no type and no cast: the compiler is the test, and `tsc` runs it. */
import type { ClientCapabilities } from '@modelcontextprotocol/server';
import { expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import {
  ask,
  type Call,
  createTool,
  defineKind,
  endTool,
  handleOf,
  type Kind,
  oneOf,
  readTool,
  type Tagged,
  type Tool,
  toolset,
  updateTool,
} from '../../../src/kit/index.ts';

const lifetime = 60;
const first = defineKind({ name: 'basket', version: 1, lifetime, schema: z.strictObject({ items: z.array(z.string()) }) });
const basket = defineKind({
  name: 'basket',
  version: 2,
  lifetime,
  schema: z.strictObject({ lines: z.array(z.strictObject({ sku: z.string(), count: z.int() })), note: z.string().optional() }),
  migration: {
    from: first,
    migrate: (old) => {
      expectTypeOf(old).toEqualTypeOf<{ items: string[] }>();
      return { lines: old.items.map((sku) => ({ sku, count: 1 })) };
    },
  },
});
const order = defineKind({ name: 'order', version: 1, lifetime, schema: z.strictObject({ to: z.string() }) });
type Basket = { lines: { sku: string; count: number }[]; note?: string | undefined };

const tools: Tool[] = [
  createTool(basket, {
    name: 'create',
    description: '',
    input: { skus: z.array(z.string()).default([]), note: z.string().optional() },
  }).does(({ skus, note }, call) => {
    expectTypeOf(skus).toEqualTypeOf<string[]>();
    expectTypeOf(note).toEqualTypeOf<string | undefined>();
    expectTypeOf(call).toEqualTypeOf<Call>();
    expectTypeOf(call.capabilities).toEqualTypeOf<ClientCapabilities>();
    return { state: { lines: skus.map((sku) => ({ sku, count: 1 })), note }, text: 'Created.' };
  }),
  readTool(basket, { name: 'show', description: '', output: { count: z.int(), note: z.string().optional() } }).does((state, input) => {
    expectTypeOf(state).toEqualTypeOf<Basket>();
    expectTypeOf(input).toEqualTypeOf<Record<string, never>>();
    return { result: { count: state.lines.length }, text: 'Shown.' };
  }),
  updateTool(basket, {
    name: 'merge',
    description: '',
    input: { other: handleOf(basket), order: handleOf(order).optional(), any: handleOf(oneOf(first, order)).describe('any') },
  }).does(async (state, { other, order: placed, any }) => {
    expectTypeOf(other).toEqualTypeOf<Basket>();
    expectTypeOf(placed).toEqualTypeOf<{ to: string } | undefined>();
    expectTypeOf(any).toEqualTypeOf<Tagged<{ items: string[] }, 'basket'> | Tagged<{ to: string }, 'order'>>();
    return { state: { ...state, lines: [...state.lines, ...other.lines] }, text: 'Merged.' };
  }),
  endTool(oneOf(basket, order), { name: 'end', description: '' }).does((given) => {
    expectTypeOf(given.kind).toEqualTypeOf<'basket' | 'order'>();
    if (given.kind === 'basket') {
      expectTypeOf(given.state).toEqualTypeOf<Basket>();
      return { state: { kind: 'order', state: { to: 'Oslo' } }, text: 'Ordered.' };
    }
    expectTypeOf(given.state).toEqualTypeOf<{ to: string }>();
    return { state: given, text: 'Kept.' };
  }),
  updateTool(basket, { name: 'confirm', description: '', output: { sure: z.boolean() } }).does((state, _input, { remembered, answers }) => {
    expectTypeOf(remembered).toBeUnknown();
    expectTypeOf(answers).toEqualTypeOf<Record<string, unknown> | undefined>();
    if (remembered === undefined) return ask({}, { step: 1 });
    return { state, result: { sure: true }, text: 'Sure.' };
  }),
];

// What must not compile. Each of these functions would be a defect, so none is ever called.
const create = createTool(basket, { name: 'wrong', description: '' });
const show = readTool(basket, { name: 'wrong', description: '', output: { count: z.int() } });
const change = updateTool(basket, { name: 'wrong', description: '' });
const either = updateTool(oneOf(basket, order), { name: 'wrong', description: '' });
const merge = updateTool(basket, { name: 'wrong', description: '', input: { other: handleOf(order) } });
const wrong: Tool[] = [
  // @ts-expect-error a first state is needed
  create.does(() => ({ text: 'x' })),
  // @ts-expect-error the state is of another type
  create.does(() => ({ state: { items: [] }, text: 'x' })),
  // @ts-expect-error something must be said
  create.does(() => ({ state: { lines: [] } })),
  // @ts-expect-error the declared output is needed
  show.does(() => ({ text: 'x' })),
  // @ts-expect-error the output is of another type
  show.does(() => ({ result: { count: 'one' }, text: 'x' })),
  // @ts-expect-error an older state is no state of this version
  change.does(() => ({ state: { items: ['tea'] }, text: 'x' })),
  // @ts-expect-error there is no such field in the state
  change.does((state) => ({ state, text: state.items.join() })),
  // @ts-expect-error a state of several kinds says of which it is
  either.does(() => ({ state: { to: 'Oslo' }, text: 'x' })),
  // @ts-expect-error there is no such kind among them
  either.does(() => ({ state: { kind: 'coupon', state: { to: 'Oslo' } }, text: 'x' })),
  // @ts-expect-error this state is the other kind's
  either.does(() => ({ state: { kind: 'basket', state: { to: 'Oslo' } }, text: 'x' })),
  // @ts-expect-error a handle among the arguments is a state by then, and no string
  merge.does((state, { other }) => ({ state, text: other.slice(1) })),
];

// @ts-expect-error a migration gives a state of the new version
const astray = { from: first, migrate: () => ({ items: [] }) } satisfies Parameters<
  typeof defineKind<Basket, 'basket', { items: string[] }>
>[0]['migration'];

it('types flow from the schemas to the functions, and kinds keep their names', () => {
  expectTypeOf(basket).toEqualTypeOf<Kind<Basket, 'basket'>>();
  expectTypeOf(order.name).toEqualTypeOf<'order'>();
  expect(toolset(tools).byName.size).toBe(tools.length + 1);
  expect(wrong.length + Object.keys(astray).length).toBe(13);
});
