import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, updateTool } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { growsInProportion } from '../../support/proportion.ts';
import { codeOf, fieldsOf, newWorld, textOf, type World } from '../support.ts';

const note = defineKind({ name: 'note', version: 1, schema: z.strictObject({ said: z.unknown() }), lifetime: 3600 });
const inputSchema = {
  flag: z.boolean().optional(),
  text: z.string().optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
  nothing: z.null().optional(),
  parts: z.array(z.object({ size: z.int(), label: z.string().optional() })).optional(),
  mode: z.enum(['a', 'b']).optional(),
  link: z.url().optional(),
  title: z.string().min(1).default('untitled'),
};
const declared = { description: '', inputSchema, outputSchema: { said: z.unknown() } };
const say = createTool(note, 'say', { ...declared }, (said) => ({ state: { said }, structuredContent: { said }, text: '' }));
const required = { by: z.number(), either: z.union([z.string(), z.array(z.string())]), mode: z.enum(['a', 'b']) };
const nested = { parts: z.array(z.object({ size: z.int(), mode: z.enum(['a', 'b']) })) };
const count = createTool(note, 'count', { description: '', inputSchema: required }, (said) => ({ state: { said }, text: '' }));
const measure = createTool(note, 'measure', { description: '', inputSchema: nested }, (said) => ({ state: { said }, text: '' }));
const strictly = updateTool(
  note,
  'strictly',
  { description: '', strict: true, inputSchema: { flag: z.boolean().optional() } },
  (state) => ({
    state,
    text: '',
  }),
);

let world: World;
let handle: string;
beforeEach(async () => {
  world = await newWorld({ tools: [...researchTools, say, count, measure, strictly] });
  handle = fieldsOf(await world.call('start_research_task', { topic: 'wax' })).handle;
});

const heard = async (args: unknown) => fieldsOf(await world.call('say', args))['said'];

describe('arguments in the forms that clients write', () => {
  it('count as absent if they are optional, and are null or an empty string that the schema refuses', async () => {
    for (const depth of [null, undefined, '', ' ', 'null']) {
      const { handle: task } = fieldsOf(await world.call('start_research_task', { topic: 'wax', depth }));
      expect(fieldsOf(await world.call('get_task_status', { handle: task }))).toMatchObject({ depth: 2 });
    }
    expect(await heard({ flag: null, text: null, either: null, mode: null, parts: [{ size: 1, label: null }] })).toEqual({
      title: 'untitled',
      parts: [{ size: 1 }],
    });
    expect(await heard({ flag: '', either: '', mode: '', parts: 'null', text: '' })).toEqual({ title: 'untitled', either: '', text: '' });
    expect(await heard({ link: '', title: '' })).toEqual({ title: 'untitled' });
    expect(await heard({ link: ' ', title: ' ' })).toEqual({ title: ' ' });
    expect(await heard({ nothing: null })).toEqual({ title: 'untitled', nothing: null });
    expect(await heard(null)).toEqual({ title: 'untitled' });
    expect(textOf(await world.call('cancel_research_task', { handle, reason: '' }))).toContain('cancelled');
    const refused = await world.call('start_research_task', { topic: null, depth: null });
    expect([codeOf(refused), textOf(refused)]).toEqual(['invalid_arguments', expect.stringMatching(/topic/)]);
    expect(textOf(refused)).not.toContain('depth');
    expect(textOf(await world.call('get_task_status', { handle: null }))).toContain('needs the argument "handle"');
  });

  it('count as missing if they are required but null or empty, and the error says so', async () => {
    const told = async (tool: string, args: unknown) => textOf(await world.call(tool, args));
    expect(await told('count', { by: null, either: null, mode: null })).toBe(
      [
        'count needs the argument "by": number (null counts as missing).',
        'count needs the argument "either": a value (null counts as missing).',
        'count needs the argument "mode": one of "a", "b" (null counts as missing).',
      ].join('\n'),
    );
    expect(await told('count', { by: ' ', either: 'x', mode: 'a' })).toBe('count needs the argument "by": number ("" counts as missing).');
    expect(await told('count', { either: 'x', mode: 'a' })).toBe('count needs the argument "by": number.');
    expect(await told('start_research_task', { topic: '' })).toBe(
      'start_research_task needs the argument "topic": string ("" counts as missing).',
    );
    expect(await told('record_findings', { handle, findings: ['a', ''] })).toContain('Too small: expected string to have >=1 characters');
    const parts = [{ size: null, mode: 'null' }, { size: 'x' }];
    for (const args of [{ parts }, { parts: JSON.stringify(parts) }]) {
      const text = await told('measure', args);
      expect(text).toContain('✖ Missing: expected number (null counts as missing)\n  → at parts[0].size');
      expect(text).toContain('✖ Missing: expected one of "a", "b" ("null" counts as missing)\n  → at parts[0].mode');
      expect(text).toContain('✖ Invalid input: expected number, received string\n  → at parts[1].size');
      expect(text).toContain('✖ Missing: expected one of "a", "b"\n  → at parts[1].mode');
      expect(text).not.toContain('undefined');
    }
    expect(await told('get_task_status', { handle: null })).toBe(
      'get_task_status needs the argument "handle": the newest handle of the task (null counts as missing).',
    );
  });

  it('can be JSON in a string', async () => {
    const recorded = await world.call('record_findings', { handle, findings: '["a", "b"]' });
    expect(fieldsOf(recorded)).toMatchObject({ result_count: 2 });
    expect(await heard({ flag: 'true', parts: '[{"size":"3"}]' })).toMatchObject({ flag: true, parts: [{ size: 3 }] });
    const sizes = Array.from({ length: 150 }, (_, size) => size);
    const parts = sizes.map((size) => JSON.stringify({ size: String(size), label: null }));
    expect(await heard({ parts })).toMatchObject({ parts: sizes.map((size) => ({ size })) });
    const { handle: deep } = fieldsOf(await world.call('start_research_task', { topic: '7', depth: '4' }));
    expect(fieldsOf(await world.call('get_task_status', { handle: deep }))).toMatchObject({ topic: '7', depth: 4 });
  });

  it('stay strings if the schema accepts a string', async () => {
    for (const text of ['true', '7', '["a"]', 'null']) expect(await heard({ text, either: text })).toMatchObject({ text, either: text });
  });

  it('are refused if a string contains other JSON than the schema expects', async () => {
    for (const findings of ['null', '', '{}', '["a"', '["a"] ["b"]', '[["a"]]', '{"a"']) {
      expect(codeOf(await world.call('record_findings', { handle, findings }))).toBe('invalid_arguments');
    }
    for (const depth of ['11', '1.5', '0x2', 'two', '[2]', '1e999', true]) {
      expect(codeOf(await world.call('start_research_task', { topic: 'x', depth }))).toBe('invalid_arguments');
    }
  });

  it('can include unknown arguments, and an error about a missing argument names the unknown ones', async () => {
    const clients = { toolCallId: '1', sessionId: 's', ['__proto__x']: 1 };
    expect(fieldsOf(await world.call('get_task_status', { handle, ...clients }))).toMatchObject({ topic: 'wax' });
    const misspelt = await world.call('start_research_task', { topc: 'wax' });
    expect([codeOf(misspelt), textOf(misspelt)]).toEqual([
      'invalid_arguments',
      expect.stringMatching(/does not take "topc".* needs the argument "topic": string\.$/),
    ]);
    expect(textOf(await world.call('record_findings', { handel: handle, findings: ['x'] }))).toMatch(
      /"handel".*needs the argument "handle"/,
    );
  });

  it('must match the schema exactly if the tool is strict', async () => {
    const { handle: noted } = fieldsOf(await world.call('say', {}));
    expect(codeOf(await world.call('strictly', { handle: noted, flag: true }))).toBeUndefined();
    for (const args of [{ flag: null }, { flag: 'true' }, { other: 1 }]) {
      expect(codeOf(await world.call('strictly', { handle: noted, ...args }))).toBe('invalid_arguments');
    }
    expect(textOf(await world.call('strictly', { handle: noted, flag: null }))).toContain('expected boolean, received null');
  });

  it.each<[string, (length: number) => string]>([
    ['line breaks after a fence', (length) => `\`\`\`${'\n'.repeat(length)}x`],
    ['spaces after a fence', (length) => `\`\`\`\n${' '.repeat(length)}x`],
    ['a fence of letters', (length) => `\`\`\`${'a'.repeat(length)}\n\`\`\``],
    ['digits', (length) => `${'1'.repeat(length)}x`],
    ['brackets', (length) => '['.repeat(length)],
  ])('are refused in time that grows with their length: %s', async (_name, text) => {
    const refused = async (args: object) => expect(codeOf(await world.call('start_research_task', args))).toBe('invalid_arguments');
    const work = async (length: number) => {
      await refused({ topic: 'x', depth: text(length) });
      await refused({ input: text(length) });
    };
    expect(await growsInProportion(work, 20_000)).toBe(true);
  });

  it('are refused quickly, with a short error, even if very many are wrong', async () => {
    const findings = Array.from({ length: 200_000 }, () => null);
    expect(textOf(await world.call('record_findings', { handle, findings })).length).toBeLessThan(1_000);
  });
});
