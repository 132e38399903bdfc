/** Tools that ask before they go on, and what there is to answer. */
import { inputRequired } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { ask, createTool, defineKind, readTool, updateTool } from '../../src/kit/index.ts';
import { FORMS, fieldsOf, type World } from './support.ts';

export const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.unknown()) }), lifetime: 3600 });
const requestedSchema = { type: 'object', properties: {} } as const;
export const sure = { sure: inputRequired.elicit({ message: 'Are you sure?', requestedSchema }) };

export const create = createTool(basket, { name: 'create', description: '' }).does(() => ({ state: { items: [] }, text: 'Created.' }));
/** Asks, and remembers; says what it remembered. */
const addWhat = { input: { sku: z.unknown(), note: z.unknown().optional() }, output: { remembered: z.unknown(), answers: z.unknown() } };
const add = updateTool(basket, { name: 'add', description: '', ...addWhat }).does(({ items }, { sku }, { remembered, answers }) => {
  if (remembered === undefined) return ask(sure, { asked: sku, secret: 'tell-tale' });
  return { state: { items: [...items, sku] }, result: { remembered, answers }, text: 'Added.' };
});
const addToo = updateTool(basket, { name: 'add_too', description: '', ...addWhat }).does(({ items }, _input, { remembered, answers }) =>
  remembered === undefined ? ask(sure, 'too') : { state: { items }, result: { remembered, answers }, text: 'Added, too.' },
);
/** Asks, and remembers nothing. */
const peek = readTool(basket, { name: 'peek', description: '', output: { answers: z.unknown() } }).does((_state, _input, { answers }) =>
  answers === undefined ? ask(sure) : { result: { answers }, text: 'Peeked.' },
);
export const tools = [create, add, addToo, peek];
export const yes = { sure: { action: 'accept', content: {} } };

/** A task whose tool `add` has asked: what the client holds, and what it calls again with. */
export async function asked(world: World) {
  const { handle } = fieldsOf(await world.call('create', {}));
  const args: Record<string, unknown> = { handle, sku: { a: 1, b: [{ c: 2, d: 3 }] } };
  return { handle, args, requestState: await stateFor(world, 'add', args) };
}

/** What a tool seals when it asks. */
export async function stateFor(world: World, tool: string, given: unknown, incoming = {}): Promise<string> {
  const { requestState: state } = await world.ask(tool, given, { ...FORMS, ...incoming });
  if (state === undefined) throw new Error('expected a requestState');
  return state;
}
