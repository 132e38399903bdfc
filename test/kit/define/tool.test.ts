import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, type Tool, toolset } from '../../../src/kit/index.ts';
import { newWorld } from '../support.ts';

const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });

const reversed = (text: string) => [...text].reverse().join('');

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

describe('a state is issued as it will be read', () => {
  const starting = (schema: z.ZodType, state: unknown) =>
    createTool(defineKind({ name: 'any', version: 1, schema, lifetime: 60 }), { name: 'start', description: '' }).does(
      () => ({ state, text: 'Started.' }) as never,
    );

  it.each<[string, z.ZodType, unknown]>([
    ['adds to it', z.string().overwrite((text) => `${text}!`), 'a'],
    [
      'counts down until it does not fit',
      z.object({
        uses: z
          .number()
          .overwrite((n) => n - 1)
          .min(0),
      }),
      { uses: 2 },
    ],
    ['takes from it', z.preprocess((text) => String(text).slice(1), z.string().min(1)), 'abc'],
    ['turns it round', z.codec(z.string(), z.string(), { decode: reversed, encode: reversed }), 'abc'],
    [
      'names its members anew',
      z.record(
        z.string().overwrite((name) => `_${name}`),
        z.int(),
      ),
      { a: 1 },
    ],
  ])('and not at all where its schema makes another of it each time: %s', async (_what, schema, state) => {
    const world = await newWorld({ tools: [starting(schema, state)] });
    await expect(world.call('start', {})).rejects.toThrow(/makes another state|Too small|>=/);
    expect(world.records).toMatchObject([{ outcome: 'error', code: 'internal_error' }]);
  });

  it.each<[string, z.ZodType, unknown]>([
    ['trims', z.object({ name: z.string().trim() }), { name: ' a ' }],
    ['fills in', z.object({ items: z.array(z.int()).default([1]), note: z.string().prefault('') }), {}],
    ['catches', z.object({ count: z.int().catch(0) }), { count: 'x' }],
    ['reorders', z.object({ b: z.int(), a: z.int() }), { a: 1, b: 2 }],
  ])('where its schema makes the same of it from then on: %s', async (_what, schema, state) => {
    const world = await newWorld({ tools: [starting(schema, state)] });
    expect(await world.call('start', {})).not.toMatchObject({ isError: true });
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
