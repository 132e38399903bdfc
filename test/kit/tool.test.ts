import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, type Tool, toolset } from '../../src/kit/index.ts';
import { newWorld } from './support.ts';

const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });

/** A tool whose function gives what its types forbid, as one in JavaScript may. */
function careless(outcome: object, output: z.ZodRawShape = { count: z.int() }): Tool {
  return createTool(basket, { name: 'careless', description: '', output }).does(() => ({ state: { items: [] }, ...outcome }) as never);
}

describe('a result that is not what the tool declares is a defect, and nothing is issued', () => {
  it.each([
    ['none', { text: 'Done.' }],
    ['of another type', { text: 'Done.', result: { count: 'two' } }],
    ['not whole', { text: 'Done.', result: { count: 1.5 } }],
    ['with a field that was not declared', { text: 'Done.', result: { count: 1, secret: 'x' } }],
    ['without text', { result: { count: 1 } }],
  ])('%s', async (_name, outcome) => {
    const world = await newWorld({ tools: [careless(outcome)] });
    await expect(world.call('careless', {})).rejects.toThrow();
    expect(world.records).toMatchObject([{ outcome: 'error', code: 'internal_error' }]);
    expect(world.records[0]?.task).toBeUndefined();
  });
});

describe('a tool is refused where it is declared', () => {
  it.each([
    ['input as an object of zod', { input: z.object({ by: z.int() }) }],
    ['output as an object of zod', { output: z.object({ by: z.int() }) }],
    ['input that is no schema', { input: { by: 'int' } }],
  ])('with %s', (_name, wrong) => {
    expect(() => createTool(basket, { name: 'add', description: '', ...wrong } as never)).toThrow(/^add: (in|out)put takes the fields/);
  });

  it('without a function, when tools are put together', () => {
    expect(() => toolset([createTool(basket, { name: 'add', description: '' }) as never])).toThrow('give it one with .does(…)');
  });
});
