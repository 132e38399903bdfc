/** Tests that authors need no type annotations and no casts. `tsc` checks this file, and that is the test. */
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

// These declarations must not compile. No test calls the handlers, because they are wrong.
const config = { description: '' };
const counting = { description: '', outputSchema: z.object({ count: z.int() }) };
const merging = { description: '', inputSchema: { other: handleOf(order) } };
const wrong: Tool[] = [
  // @ts-expect-error the first state is missing
  createTool(basket, 'wrong', config, () => ({ text: 'x' })),
  // @ts-expect-error the state has the wrong type
  createTool(basket, 'wrong', config, () => ({ state: { items: [] }, text: 'x' })),
  // @ts-expect-error the text is missing
  createTool(basket, 'wrong', config, () => ({ state: { lines: [] } })),
  // @ts-expect-error the declared structured content is missing
  readTool(basket, 'wrong', counting, () => ({ text: 'x' })),
  // @ts-expect-error the structured content has the wrong type
  readTool(basket, 'wrong', counting, () => ({ structuredContent: { count: 'one' }, text: 'x' })),
  // @ts-expect-error the state is of an earlier version
  updateTool(basket, 'wrong', config, () => ({ state: { items: ['tea'] }, text: 'x' })),
  // @ts-expect-error the state has no such field
  updateTool(basket, 'wrong', config, (state) => ({ state, text: state.items.join() })),
  // @ts-expect-error a tool of several kinds must return the kind's name with the state
  updateTool(oneOf(basket, order), 'wrong', config, () => ({ state: { to: 'Oslo' }, text: 'x' })),
  // @ts-expect-error the tool does not take that kind
  updateTool(oneOf(basket, order), 'wrong', config, () => ({ state: { kind: 'coupon', state: { to: 'Oslo' } }, text: 'x' })),
  // @ts-expect-error the state belongs to the other kind
  updateTool(oneOf(basket, order), 'wrong', config, () => ({ state: { kind: 'basket', state: { to: 'Oslo' } }, text: 'x' })),
  // @ts-expect-error the handler gets the state of the other task, not a handle
  updateTool(basket, 'wrong', merging, (state, { other }) => ({ state, text: other.slice(1) })),
  // @ts-expect-error a plain tool cannot return a state
  plainTool('wrong', config, () => ({ state: { lines: [] }, text: 'x' })),
];

// @ts-expect-error a migration must return a state of the new version
const astray = { from: first, migrate: () => ({ items: [] }) } satisfies Parameters<
  typeof defineKind<Basket, 'basket', { items: string[] }>
>[0]['migration'];

it('handlers get their types from the schemas, and the names of kinds are literal types', () => {
  expectTypeOf(basket).toEqualTypeOf<Kind<Basket, 'basket'>>();
  expectTypeOf(order.name).toEqualTypeOf<'order'>();
  expect(toolset(tools).byName.size).toBe(tools.length + 1);
  expect(wrong.length + Object.keys(astray).length).toBe(14);
});
