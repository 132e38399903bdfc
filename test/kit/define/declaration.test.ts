import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, endTool, handleOf, plainTool, readTool, type Tool, updateTool } from '../../../src/kit/index.ts';

const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });
const handler = () => ({ state: { items: [] }, text: '' });
const config = { description: 'Adds.' };

describe('a field that JSON cannot have', () => {
  it('is refused, and the error names the tool and the field', () => {
    const name = 'a';
    const made = (fields: object) => () => plainTool(name, { description: '', ...fields }, handler as never);
    const when = { at: z.string(), when: z.date() };
    const size = { size: z.string().transform((text) => text.length) };
    expect(made({ inputSchema: when })).toThrow(/^a: inputSchema\.when must be JSON: Date/);
    expect(made({ outputSchema: when })).toThrow(/^a: outputSchema\.when must be JSON: Date/);
    expect(made({ outputSchema: size })).toThrow(/^a: outputSchema\.size must be JSON: Transforms/);
    expect(made({ inputSchema: size })).not.toThrow();
  });
});

describe('handleOf without a kind', () => {
  it.each([undefined, 'basket', {}, [basket]])('is refused: %j', (takes) => {
    expect(() => handleOf(takes as never)).toThrow('handleOf: expected a kind or several from oneOf, for example handleOf(basket)');
  });
});

describe('a wrong declaration of a tool', () => {
  it.each<[string, unknown[], RegExp]>([
    [
      'with a field that the kit uses',
      [basket, 'add', { ...config, outputSchema: z.object({ handle: z.int() }) }, handler],
      /^add: choose another name for handle: the kit/,
    ],
    [
      'with a misspelt member',
      [basket, 'add', { ...config, inputschema: {} }, handler],
      /^add: the configuration cannot have inputschema; it can have title, .*inputSchema/,
    ],
    ['without a description', [basket, 'add', {}, handler], /^add: the description is missing/],
    ['without a configuration', [basket, 'add', undefined, handler], /^add: the description is missing/],
    ['without a handler', [basket, 'add', config], /^add: the handler is missing/],
    [
      'without a kind',
      ['add', config, handler],
      /first argument must be a kind, and the second the name: createTool\(kind, name, config, handler\)/,
    ],
    ['without a name', [basket, { name: 'add', ...config }, handler], /cannot be the name of a tool/],
    ['with a name that MCP forbids', [basket, 'add item', config, handler], /"add item" cannot be the name of a tool\. .* 1 to 128 char/],
    ['with the name read', [basket, 'read', config, handler], /the right to call every tool that only reads/],
  ])('is refused, and the error says what to do: %s', (_what, given, wording) => {
    for (const form of [createTool, readTool, updateTool, endTool]) {
      expect(() => (form as (...given: unknown[]) => Tool)(...given)).toThrow(wording);
    }
  });

  it.each<[object, RegExp]>([
    [{ readonlyHint: true }, /^a: annotations cannot have readonlyHint; it can have title, readOnlyHint/],
    [{ readOnlyHint: 'yes' }, /^a: annotations\.readOnlyHint must be true or false/],
    [{ title: true }, /^a: annotations\.title must be a string/],
  ])('is refused if MCP does not define its annotations: %j', (annotations, wording) => {
    const declared = { ...config, annotations };
    for (const form of [createTool, readTool, updateTool, endTool])
      expect(() => form(basket, 'a', declared, handler as never)).toThrow(wording);
    expect(() => plainTool('a', declared, handler as never)).toThrow(wording);
  });
});
