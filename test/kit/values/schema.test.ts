import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as older from 'zod-4.0';
import { createTool, defineKind, endTool, type Fields, plainTool, readTool, type Tool, updateTool } from '../../../src/kit/index.ts';
import { codeOf, fieldsOf, newWorld, textOf } from '../support.ts';

const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });

describe('a tool that is declared like a tool of the SDK', () => {
  const shape = { by: z.int(), note: z.string().optional() };
  const said = { total: z.int() };
  const declared = (inputSchema: Fields, outputSchema: Fields) =>
    updateTool(
      basket,
      'add',
      { description: '', inputSchema, outputSchema },
      (state) => ({ state, text: '', structuredContent: {} }) as never,
    );

  it('can declare a z.object or its fields, and clients see one JSON Schema for both', () => {
    const { definition } = declared(shape, said);
    expect(declared(z.object(shape), z.object(said)).definition).toEqual(definition);
    expect(declared(z.strictObject(shape), z.strictObject(said)).definition).toEqual(definition);
    expect(declared(older.object({ by: older.int(), note: older.string().optional() }) as never, said).definition).toEqual(definition);
    expect(definition.inputSchema).toEqual({
      type: 'object',
      properties: { handle: { type: 'string' }, by: { type: 'integer' }, note: { type: 'string' } },
      required: ['handle', 'by'],
      additionalProperties: false,
    });
  });

  it('checks the refinements of the author’s z.object', async () => {
    const range = z.object({ from: z.int(), to: z.int() }).refine(({ from, to }) => from <= to, 'from comes before to');
    const spread = z.object({ width: z.int() }).refine(({ width }) => width < 100);
    const measure = plainTool('measure', { description: '', inputSchema: range, outputSchema: spread }, ({ from, to }) => ({
      structuredContent: { width: to - from },
      text: `${to - from}`,
    }));
    const world = await newWorld({ tools: [measure] });
    expect(fieldsOf(await world.call('measure', { from: 1, to: 3 }))).toEqual({ width: 2 });
    const refused = await world.call('measure', { from: 3, to: 1 });
    expect([codeOf(refused), textOf(refused)]).toEqual(['invalid_arguments', expect.stringContaining('from comes before to')]);
    await expect(world.call('measure', { from: 0, to: 100 })).rejects.toThrow();
  });

  it('is strict with a z.strictObject, unless the author declares otherwise', async () => {
    const inputSchema = z.strictObject({ by: z.int() });
    const echo = (name: string, strict: object) =>
      plainTool(name, { description: '', inputSchema, ...strict }, ({ by }) => ({ text: `${by}` }));
    const world = await newWorld({ tools: [echo('strict', {}), echo('lenient', { strict: false })] });
    for (const args of [{ by: '7' }, { by: 7, other: 1 }]) {
      expect(codeOf(await world.call('strict', args))).toBe('invalid_arguments');
      expect(textOf(await world.call('lenient', args))).toBe('7');
    }
  });

  it('lists a recursive schema with its definitions', () => {
    const tree = z.object({
      name: z.string(),
      get parts() {
        return z.array(tree);
      },
    });
    const { definition } = declared({ tree }, { tree });
    for (const listed of [definition.inputSchema, definition.outputSchema]) {
      const [, name = ''] = /"#\/\$defs\/(\w+)"/.exec(JSON.stringify(listed)) ?? [];
      expect(listed?.['$defs']).toHaveProperty(name);
    }
  });
});

describe('the declaration of a tool with a wrong schema', () => {
  const handler = () => ({ state: { items: [] }, text: '' });
  const config = { description: 'Adds.' };
  const header = { 'x-mcp-header': 'A' };
  it.each<[string, unknown[], RegExp]>([
    [
      'fields that are not schemas',
      [basket, 'add', { ...config, inputSchema: { by: 'int' } }, handler],
      /^add: inputSchema must be a z\.object/,
    ],
    ['JSON Schema', [basket, 'add', { ...config, outputSchema: { type: 'object' } }, handler], /^add: outputSchema must be a z\.object/],
    ['a schema of a string', [basket, 'add', { ...config, inputSchema: z.string() }, handler], /^add: inputSchema must be a z\.object/],
    ['null', [basket, 'add', { ...config, inputSchema: null }, handler], /^add: inputSchema must be a z\.object/],
    ['a union', [basket, 'add', { ...config, inputSchema: z.union([z.object({})]) }, handler], /^add: inputSchema must be a z\.object/],
    ['a loose object', [basket, 'add', { ...config, inputSchema: z.looseObject({}) }, handler], /^add: inputSchema must name every field/],
    [
      'a catchall',
      [basket, 'add', { ...config, outputSchema: z.object({}).catchall(z.int()) }, handler],
      /must name every field.*z\.record/,
    ],
    [
      'a header on a list',
      [basket, 'add', { ...config, inputSchema: { a: z.array(z.string()).meta(header) } }, handler],
      /x-mcp-header "A" is allowed on strings, integers and booleans only/,
    ],
    [
      'a header within a list',
      [basket, 'add', { ...config, inputSchema: { a: z.array(z.string().meta(header)) } }, handler],
      /not inside an array/,
    ],
    [
      'a header on a nullable argument',
      [basket, 'add', { ...config, inputSchema: { a: z.string().meta(header).nullable() } }, handler],
      /or a nullable value/,
    ],
    ['a header on a number', [basket, 'add', { ...config, inputSchema: { a: z.number().meta(header) } }, handler], /integers/],
    [
      'an invalid name of a header',
      [basket, 'add', { ...config, inputSchema: { a: z.string().meta({ 'x-mcp-header': 'A b' }) } }, handler],
      /must be the name of a header, for example "Region"/,
    ],
    [
      'the same header twice',
      [basket, 'add', { ...config, inputSchema: { a: z.int().meta(header), b: z.string().meta({ 'x-mcp-header': 'a' }) } }, handler],
      /^add: inputSchema: two arguments have/,
    ],
  ])('is refused, and the error says what to do: %s', (_what, given, wording) => {
    for (const form of [createTool, readTool, updateTool, endTool]) {
      expect(() => (form as (...given: unknown[]) => Tool)(...given)).toThrow(wording);
    }
  });
});
