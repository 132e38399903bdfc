import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { plainTool } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { codeOf, fieldsOf, infoOf, newWorld, textOf, type World } from '../support.ts';

const inputSchema = { max_size: z.int().optional(), 'a-b': z.int().optional(), a_b: z.int().optional(), session_id: z.string().optional() };
const say = plainTool('say', { description: '', inputSchema }, (said) => ({ text: JSON.stringify(said) }));
const strictly = plainTool('strictly', { description: '', inputSchema, strict: true }, (said) => ({ text: JSON.stringify(said) }));
const region = { region: z.string().meta({ 'x-mcp-header': 'Region' }).optional() };
const routed = plainTool('routed', { description: '', inputSchema: region }, (said) => ({ text: JSON.stringify(said) }));

let world: World;
let handle: string;
beforeEach(async () => {
  world = await newWorld({ tools: [...researchTools, say, strictly, routed] });
  handle = fieldsOf(await world.call('start_research_task', { topic: 'wax' })).handle;
});

const said = async (args: unknown) => textOf(await world.call('say', args));

describe('the name of an argument', () => {
  it('can have another spelling, if only one argument can be meant', async () => {
    for (const name of ['maxSize', 'max-size', 'MAX_SIZE', ' max_size ', '"max_size"', 'max_size[]', 'maxsize']) {
      expect(await said({ [name]: 7 })).toBe('{"max_size":7}');
    }
    for (const name of ['Handle', 'handle ', 'HANDLE', '"handle"']) {
      expect(fieldsOf(await world.call('get_task_status', { [name]: handle }))).toMatchObject({ topic: 'wax' });
    }
    expect(fieldsOf(await world.call('record_findings', { handle, 'findings[]': ['x'] }))).toMatchObject({ result_count: 1 });
    expect(textOf(await world.call('start_research_task', { topic: 'wax', Depth: 7 }))).toContain('depth 7');
  });

  it('counts as unknown if several arguments can be meant, or if the argument itself is given', async () => {
    expect(await said({ 'A-B': 7, ab: 8 })).toBe('{}');
    expect(await said({ maxSize: 7, MaxSize: 8 })).toBe('{}');
    expect(await said({ max_size: 7, MaxSize: 8 })).toBe('{"max_size":7}');
    expect(await said({ max: 7, maxSizes: 8, '': 9, '[]': 10 })).toBe('{}');
    expect(await said({ sessionId: 'added by n8n', 'session-id': '5' })).toBe('{"session_id":"5"}');
    expect(await said({ sessionId: 'added by n8n' })).toBe('{}');
    expect(await said(JSON.parse('{"__proto__":{"max_size":7},"maxSize":8}'))).toBe('{"max_size":8}');
  });

  it('must be exact if the tool is strict', async () => {
    for (const args of [{ maxSize: 7 }, { input: { max_size: 7 } }]) {
      expect(codeOf(await world.call('strictly', args))).toBe('invalid_arguments');
    }
  });

  it('must be exact if a header repeats an argument, because a proxy may rely on the header', async () => {
    for (const args of [{ Region: 'eu' }, { input: { region: 'eu' } }]) expect(textOf(await world.call('routed', args))).toBe('{}');
  });

  it('is found quickly among very many', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, count) => [`max_size${'_'.repeat(count % 300)}${count}`, count]));
    expect(await said({ ...many, maxSize: 7 })).toBe('{"max_size":7}');
  });
});

describe('arguments inside another object', () => {
  it('are found if nothing else is given', async () => {
    for (const wrapper of ['input', 'arguments', 'args', 'params', 'parameters', 'kwargs', '']) {
      expect(fieldsOf(await world.call('get_task_status', { [wrapper]: { handle } }))).toMatchObject({ topic: 'wax' });
      expect(fieldsOf(await world.call('get_task_status', { [wrapper]: JSON.stringify({ Handle: handle }) }))).toMatchObject({
        topic: 'wax',
      });
    }
    expect(infoOf(await world.call('delegate_task', { input: { handle, expires_in: 60 } }))).toMatchObject({
      expires_at: '2026-07-28T12:01:00Z',
    });
  });

  it('are not found beside other arguments, in a list, or in an object with another name', async () => {
    for (const args of [{ input: { handle }, more: 1 }, { input: [{ handle }] }, { other: { handle } }, { input: { input: { handle } } }]) {
      expect(textOf(await world.call('get_task_status', args))).toContain('needs the argument "handle"');
    }
  });
});
