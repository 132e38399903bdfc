/** Tools that ask questions, and functions that call them. */
import { inputRequired } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { ask, createTool, defineKind, readTool, updateTool } from '../../src/kit/index.ts';
import { FORMS, fieldsOf, type World } from './support.ts';

export const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.unknown()) }), lifetime: 3600 });
const requestedSchema = { type: 'object', properties: {} } as const;
export const sure = { sure: inputRequired.elicit({ message: 'Are you sure?', requestedSchema }) };

export const create = createTool(basket, 'create', { description: '' }, () => ({ state: { items: [] }, text: 'Created.' }));
/** The fields of tools that ask a question and remember something. */
const addWhat = {
  inputSchema: { sku: z.unknown(), note: z.unknown().optional() },
  outputSchema: { remembered: z.unknown(), answers: z.unknown() },
};
const add = updateTool(basket, 'add', { description: '', ...addWhat }, ({ items }, { sku }, { remembered, answers }) => {
  if (remembered === undefined) return ask(sure, { asked: sku, secret: 'tell-tale' });
  return { state: { items: [...items, sku] }, structuredContent: { remembered, answers }, text: 'Added.' };
});
const addToo = updateTool(basket, 'add_too', { description: '', ...addWhat }, ({ items }, _input, { remembered, answers }) =>
  remembered === undefined ? ask(sure, 'too') : { state: { items }, structuredContent: { remembered, answers }, text: 'Added, too.' },
);
/** A tool that asks a question and remembers nothing. */
const peek = readTool(basket, 'peek', { description: '', outputSchema: { answers: z.unknown() } }, (_state, _input, { answers }) =>
  answers === undefined ? ask(sure) : { structuredContent: { answers }, text: 'Peeked.' },
);
export const tools = [create, add, addToo, peek];
export const yes = { sure: { action: 'accept', content: {} } };

/** Starts a task, lets the tool `add` ask its question, and returns what the client then has. */
export async function asked(world: World) {
  const { handle } = fieldsOf(await world.call('create', {}));
  const args: Record<string, unknown> = { handle, sku: { a: 1, b: [{ c: 2, d: 3 }] } };
  return { handle, args, requestState: await stateFor(world, 'add', args) };
}

/** Returns the `requestState` of a tool's question. */
export async function stateFor(world: World, tool: string, given: unknown, incoming = {}): Promise<string> {
  const { requestState: state } = await world.ask(tool, given, { ...FORMS, ...incoming });
  if (state === undefined) throw new Error('expected a requestState');
  return state;
}
