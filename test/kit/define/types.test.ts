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
  plainTool,
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
  createTool(
    basket,
    'create',
    {
      description: '',
      inputSchema: { skus: z.array(z.string()).default([]), note: z.string().optional() },
    },
    ({ skus, note }, call) => {
      expectTypeOf(skus).toEqualTypeOf<string[]>();
      expectTypeOf(note).toEqualTypeOf<string | undefined>();
      expectTypeOf(call).toEqualTypeOf<Call>();
      expectTypeOf(call.capabilities).toEqualTypeOf<ClientCapabilities>();
      return { state: { lines: skus.map((sku) => ({ sku, count: 1 })), note }, text: 'Created.' };
    },
  ),
  readTool(basket, 'show', { description: '', outputSchema: { count: z.int(), note: z.string().optional() } }, (state, input) => {
    expectTypeOf(state).toEqualTypeOf<Basket>();
    expectTypeOf(input).toEqualTypeOf<Record<string, never>>();
    return { structuredContent: { count: state.lines.length }, text: 'Shown.' };
  }),
  updateTool(
    basket,
    'merge',
    {
      description: '',
      inputSchema: { other: handleOf(basket), order: handleOf(order).optional(), any: handleOf(oneOf(first, order)).describe('any') },
    },
    async (state, { other, order: placed, any }) => {
      expectTypeOf(other).toEqualTypeOf<Basket>();
      expectTypeOf(placed).toEqualTypeOf<{ to: string } | undefined>();
      expectTypeOf(any).toEqualTypeOf<Tagged<{ items: string[] }, 'basket'> | Tagged<{ to: string }, 'order'>>();
      return { state: { ...state, lines: [...state.lines, ...other.lines] }, text: 'Merged.' };
    },
  ),
  endTool(oneOf(basket, order), 'end', { description: '' }, (given) => {
    expectTypeOf(given.kind).toEqualTypeOf<'basket' | 'order'>();
    if (given.kind === 'basket') {
      expectTypeOf(given.state).toEqualTypeOf<Basket>();
      return { state: { kind: 'order', state: { to: 'Oslo' } }, text: 'Ordered.' };
    }
    expectTypeOf(given.state).toEqualTypeOf<{ to: string }>();
    return { state: given, text: 'Kept.' };
  }),
  updateTool(basket, 'confirm', { description: '', outputSchema: { sure: z.boolean() } }, (state, _input, { remembered, answers }) => {
    expectTypeOf(remembered).toBeUnknown();
    expectTypeOf(answers).toEqualTypeOf<Record<string, unknown> | undefined>();
    if (remembered === undefined) return ask({}, { step: 1 });
    return { state, structuredContent: { sure: true }, text: 'Sure.' };
  }),
];

// What must not compile. Each of these handlers would be a defect, so none is ever called.
const config = { description: '' };
const counting = { description: '', outputSchema: z.object({ count: z.int() }) };
const merging = { description: '', inputSchema: { other: handleOf(order) } };
const wrong: Tool[] = [
  // @ts-expect-error a first state is needed
  createTool(basket, 'wrong', config, () => ({ text: 'x' })),
  // @ts-expect-error the state is of another type
  createTool(basket, 'wrong', config, () => ({ state: { items: [] }, text: 'x' })),
  // @ts-expect-error something must be said
  createTool(basket, 'wrong', config, () => ({ state: { lines: [] } })),
  // @ts-expect-error the declared structured content is needed
  readTool(basket, 'wrong', counting, () => ({ text: 'x' })),
  // @ts-expect-error the structured content is of another type
  readTool(basket, 'wrong', counting, () => ({ structuredContent: { count: 'one' }, text: 'x' })),
  // @ts-expect-error an older state is no state of this version
  updateTool(basket, 'wrong', config, () => ({ state: { items: ['tea'] }, text: 'x' })),
  // @ts-expect-error there is no such field in the state
  updateTool(basket, 'wrong', config, (state) => ({ state, text: state.items.join() })),
  // @ts-expect-error a state of several kinds says of which it is
  updateTool(oneOf(basket, order), 'wrong', config, () => ({ state: { to: 'Oslo' }, text: 'x' })),
  // @ts-expect-error there is no such kind among them
  updateTool(oneOf(basket, order), 'wrong', config, () => ({ state: { kind: 'coupon', state: { to: 'Oslo' } }, text: 'x' })),
  // @ts-expect-error this state is the other kind's
  updateTool(oneOf(basket, order), 'wrong', config, () => ({ state: { kind: 'basket', state: { to: 'Oslo' } }, text: 'x' })),
  // @ts-expect-error a handle among the arguments is a state by then, and no string
  updateTool(basket, 'wrong', merging, (state, { other }) => ({ state, text: other.slice(1) })),
  // @ts-expect-error a tool without a task has no state to give
  plainTool('wrong', config, () => ({ state: { lines: [] }, text: 'x' })),
];

// @ts-expect-error a migration gives a state of the new version
const astray = { from: first, migrate: () => ({ items: [] }) } satisfies Parameters<
  typeof defineKind<Basket, 'basket', { items: string[] }>
>[0]['migration'];

it('types flow from the schemas to the functions, and kinds keep their names', () => {
  expectTypeOf(basket).toEqualTypeOf<Kind<Basket, 'basket'>>();
  expectTypeOf(order.name).toEqualTypeOf<'order'>();
  expect(toolset(tools).byName.size).toBe(tools.length + 1);
  expect(wrong.length + Object.keys(astray).length).toBe(14);
});
