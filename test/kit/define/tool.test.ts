import { McpServer } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  createTool,
  defineKind,
  endTool,
  plainTool,
  readTool,
  registerTools,
  serverOf,
  type Tool,
  type ToolAnnotations,
  toolset,
  updateTool,
} from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { fieldsOf, newWorld } from '../support.ts';
import { connected } from '../wire.ts';

const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });

const reversed = (text: string) => [...text].reverse().join('');

/** Makes a tool whose handler returns what the types forbid, as a handler in JavaScript can. */
function careless(outcome: object, output: z.ZodRawShape = { count: z.int() }): Tool {
  return createTool(basket, 'careless', { description: '', outputSchema: output }, () => ({ state: { items: [] }, ...outcome }) as never);
}

describe('a result that does not match the tool’s declaration', () => {
  it.each([
    ['no structured content', { text: 'Done.' }],
    ['a field of another type', { text: 'Done.', structuredContent: { count: 'two' } }],
    ['a number that is not whole', { text: 'Done.', structuredContent: { count: 1.5 } }],
    ['an undeclared field', { text: 'Done.', structuredContent: { count: 1, secret: 'x' } }],
    ['no text', { result: { count: 1 } }],
  ])('is a defect, and no handle is issued: %s', async (_name, outcome) => {
    const world = await newWorld({ tools: [careless(outcome)] });
    await expect(world.call('careless', {})).rejects.toThrow();
    expect(world.records).toMatchObject([{ outcome: 'error', code: 'internal_error' }]);
    expect(world.records[0]?.task).toBeUndefined();
  });
});

describe('a state that a tool returns', () => {
  const starting = (schema: z.ZodType, state: unknown) =>
    createTool(
      defineKind({ name: 'any', version: 1, schema, lifetime: 60 }),
      'start',
      { description: '' },
      () => ({ state, text: 'Started.' }) as never,
    );

  it.each<[string, z.ZodType, unknown]>([
    ['adds a character', z.string().overwrite((text) => `${text}!`), 'a'],
    [
      'counts down until the state is invalid',
      z.object({
        uses: z
          .number()
          .overwrite((n) => n - 1)
          .min(0),
      }),
      { uses: 2 },
    ],
    ['removes a character', z.preprocess((text) => String(text).slice(1), z.string().min(1)), 'abc'],
    ['reverses a text', z.codec(z.string(), z.string(), { decode: reversed, encode: reversed }), 'abc'],
    [
      'renames members',
      z.record(
        z.string().overwrite((name) => `_${name}`),
        z.int(),
      ),
      { a: 1 },
    ],
  ])('is a defect if every reading changes it: the schema %s', async (_what, schema, state) => {
    const world = await newWorld({ tools: [starting(schema, state)] });
    await expect(world.call('start', {})).rejects.toThrow(/changes a state each time|too small/);
    expect(world.records).toMatchObject([{ outcome: 'error', code: 'internal_error' }]);
  });

  it.each<[string, z.ZodType, unknown]>([
    ['trims a text', z.object({ name: z.string().trim() }), { name: ' a ' }],
    ['fills in defaults', z.object({ items: z.array(z.int()).default([1]), note: z.string().prefault('') }), {}],
    ['replaces an invalid value', z.object({ count: z.int().catch(0) }), { count: 'x' }],
    ['reorders members', z.object({ b: z.int(), a: z.int() }), { a: 1, b: 2 }],
  ])('is sealed if its schema changes it only the first time: the schema %s', async (_what, schema, state) => {
    const world = await newWorld({ tools: [starting(schema, state)] });
    expect(await world.call('start', {})).not.toMatchObject({ isError: true });
  });
});

describe('a plain tool', () => {
  const config = { description: 'Finds products.', inputSchema: { words: z.string() } };
  const find = plainTool('find_products', config, ({ words }) => ({ text: `No product fits ${words}.` }));
  const priced = plainTool('price', { description: '', outputSchema: { cents: z.int() } }, () => ({
    text: '€1',
    structuredContent: { cents: 100 },
  }));

  it('takes no handle and returns none', async () => {
    const world = await newWorld({ tools: [find, priced] });
    expect(find.definition.inputSchema['properties']).toEqual({ words: { type: 'string' } });
    expect(find.definition).not.toHaveProperty('outputSchema');
    expect(await world.call('find_products', { words: 'soap' })).toEqual({
      content: [{ type: 'text', text: 'No product fits soap.' }],
      structuredContent: { message: 'No product fits soap.' },
    });
    expect(priced.definition.outputSchema?.['properties']).toEqual({ cents: { type: 'integer' } });
    expect((await world.call('price', {})).structuredContent).toEqual({ cents: 100 });
    expect(world.records).toMatchObject([
      { tool: 'find_products', outcome: 'ok' },
      { tool: 'price', outcome: 'ok' },
    ]);
  });

  it('needs no delegate_task if it is the only tool', async () => {
    const set = toolset([find]);
    expect([...set.byName.keys()]).toEqual(['find_products']);
  });
});

describe('a state from a tool that issues no handle', () => {
  it.each<[string, Tool]>([
    ['a plain tool', plainTool('wrong', { description: '' }, () => ({ text: 'x', state: { items: [] } }) as never)],
    ['a tool that reads', readTool(basket, 'wrong', { description: '' }, (state) => ({ text: 'x', state }) as never)],
  ])('is a defect of %s', async (_which, tool) => {
    const create = createTool(basket, 'create', { description: '' }, () => ({ state: { items: [] }, text: '' }));
    const world = await newWorld({ tools: [create, tool] });
    const { handle } = fieldsOf(await world.call('create', {}));
    await expect(world.call('wrong', tool.role === 'read' ? { handle } : {})).rejects.toThrow('updateTool');
    expect(world.records.at(-1)).toMatchObject({ code: 'internal_error' });
  });
});

describe('the annotations of a tool', () => {
  const given = (annotations: ToolAnnotations) => ({ description: '', annotations });
  const state = { items: [] };
  const by: Record<string, (annotations: ToolAnnotations) => Tool> = {
    create: (annotations) => createTool(basket, 'a', given(annotations), () => ({ state, text: '' })),
    read: (annotations) => readTool(basket, 'a', given(annotations), () => ({ text: '' })),
    update: (annotations) => updateTool(basket, 'a', given(annotations), () => ({ state, text: '' })),
    end: (annotations) => endTool(basket, 'a', given(annotations), () => ({ state, text: '' })),
    plain: (annotations) => plainTool('a', given(annotations), () => ({ text: '' })),
  };
  const annotationsOf = (role: string, annotations: ToolAnnotations = {}) => by[role]?.(annotations).definition.annotations;

  it('follow from the role of the tool, for example `readOnlyHint` and `destructiveHint`', () => {
    const changes = { readOnlyHint: false, destructiveHint: false, openWorldHint: false };
    for (const role of ['create', 'update', 'end']) expect(annotationsOf(role)).toEqual(changes);
    expect(annotationsOf('read')).toEqual({ readOnlyHint: true, openWorldHint: false });
    // The kit does not know what a plain tool does, so it takes the defaults of MCP.
    expect(annotationsOf('plain')).toEqual({ readOnlyHint: false, destructiveHint: true, openWorldHint: true });
    for (const list of ['all', 'search'] as const) {
      for (const { annotations } of toolset(researchTools, { list }).definitions) {
        expect(annotations.readOnlyHint === true || annotations.destructiveHint !== undefined).toBe(true);
      }
    }
  });

  it('are replaced by the annotations that the author declares', () => {
    const own = { title: 'Order', destructiveHint: true, idempotentHint: true, openWorldHint: true };
    expect(annotationsOf('end', own)).toEqual({ readOnlyHint: false, ...own });
    expect(annotationsOf('plain', { readOnlyHint: true })).toEqual({ readOnlyHint: true, openWorldHint: true });
    expect(annotationsOf('read', { readOnlyHint: false })).toEqual({ readOnlyHint: false, destructiveHint: true, openWorldHint: false });
  });

  it('reach clients together with _meta, from serverOf and from registerTools', async () => {
    const _meta = { 'example.com/icon': 'cart' };
    const order = endTool(basket, 'order', { description: '', annotations: { destructiveHint: true }, _meta }, () => ({ state, text: '' }));
    const { environment } = await newWorld();
    const paths = [
      () => serverOf(toolset([order]), environment, { name: 'x', version: '1' }),
      () => {
        const server = new McpServer({ name: 'x', version: '1' });
        registerTools(server, toolset([order]), environment);
        return server;
      },
    ];
    for (const path of paths) {
      const { tools } = await (await connected(path, 'modern')).listTools();
      expect(tools[0]).toMatchObject({ annotations: { destructiveHint: true }, _meta });
    }
  });
});

describe('the description of a tool that starts a task', () => {
  const described = (lifetime: number, description = 'Starts it.') => {
    const kind = defineKind({ name: 'note', version: 1, schema: z.string(), lifetime });
    return createTool(kind, 'start', { description }, () => ({ state: '', text: '' })).definition.description;
  };

  it.each([
    [1, '1 second'],
    [90, '90 seconds'],
    [60, '1 minute'],
    [5400, '90 minutes'],
    [3600, '1 hour'],
    [86_400, '24 hours'],
    [129_600, '36 hours'],
    [7 * 86_400, '7 days'],
    [30 * 86_400, '30 days'],
  ])('ends with the time after which the task expires: %d seconds are %s', (lifetime, words) => {
    expect(described(lifetime)).toBe(`Starts it. The task expires after ${words}.`);
  });

  it('consists of whole sentences, however its author wrote it', () => {
    expect(described(60, 'Starts it')).toBe('Starts it. The task expires after 1 minute.');
    expect(described(60, 'Starts it!')).toBe('Starts it! The task expires after 1 minute.');
    expect(described(60, '')).toBe('The task expires after 1 minute.');
  });

  it('is the only one to which the kit adds the expiry', () => {
    expect(readTool(basket, 'show', { description: 'Shows it.' }, () => ({ text: '' })).definition.description).toBe('Shows it.');
  });
});
