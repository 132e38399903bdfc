import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { plainTool } from '../../../src/kit/index.ts';
import { codeOf, newWorld, textOf, type World } from '../support.ts';

const inputSchema = {
  flag: z.boolean().optional(),
  size: z.number().optional(),
  count: z.int().max(100).optional(),
  text: z.string().optional(),
  either: z.union([z.string(), z.array(z.string())]).optional(),
  list: z.array(z.string().max(20)).optional(),
  sizes: z.array(z.int()).default([]),
  place: z.object({ city: z.string(), zip: z.string().optional() }).optional(),
  mode: z.enum(['in_progress', 'Done', '+', '-1', '5']).optional(),
  modes: z.array(z.enum(['a', 'b', 'B'])).optional(),
};
const say = plainTool('say', { description: '', inputSchema }, ({ sizes, ...said }) => ({
  text: JSON.stringify(sizes.length === 0 ? said : { ...said, sizes }),
}));

let world: World;
beforeEach(async () => {
  world = await newWorld({ tools: [say] });
});

const said = async (args: object) => textOf(await world.call('say', args));

describe('a value of a wrong type', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['words for a boolean', { flag: 'True' }, { flag: true }],
    ['words for a boolean', { flag: ' NO ' }, { flag: false }],
    ['a plus sign', { count: '+3' }, { count: 3 }],
    ['a leading zero', { count: '03' }, { count: 3 }],
    ['a leading point', { size: '.5' }, { size: 0.5 }],
    ['a number for a text', { text: 42 }, { text: '42' }],
    ['a boolean for a text', { text: true }, { text: 'true' }],
    ['numbers in a list of texts', { list: [1, 2.5] }, { list: ['1', '2.5'] }],
    ['a number for a text in an object', { place: { city: 'Bern', zip: 3000 } }, { place: { city: 'Bern', zip: '3000' } }],
    ['None', { flag: 'None', count: 'None', list: 'None', mode: 'None', sizes: 'undefined' }, {}],
    ['a text for a list of texts', { list: 'a finding' }, { list: ['a finding'] }],
    ['a text with a number for a list of texts', { list: '42' }, { list: ['42'] }],
    ['a text in JSON for a list of texts', { list: '"a"' }, { list: ['a'] }],
    ['a fenced list', { list: '```json\n["a", "b"]\n```' }, { list: ['a', 'b'] }],
    ['a fenced object', { place: '```\n{"city": "Bern"}\n```' }, { place: { city: 'Bern' } }],
    ['another case of an enum', { mode: 'IN_PROGRESS' }, { mode: 'in_progress' }],
    ['spaces in an enum', { mode: ' in progress' }, { mode: 'in_progress' }],
    ['quotation marks around an enum', { mode: '"done"' }, { mode: 'Done' }],
    ['a number for an enum', { mode: 5 }, { mode: '5' }],
    ['one value for a list of an enum', { modes: 'A' }, { modes: ['a'] }],
  ])('is read as what it means: %s', async (_what, args, meant) => {
    expect(await said(args)).toBe(JSON.stringify(meant));
  });

  it.each<[string, Record<string, unknown>]>([
    ['a number for a boolean', { flag: 1 }],
    ['another word for a boolean', { flag: 'maybe' }],
    ['hexadecimal', { count: '0x2' }],
    ['a number that is too large for JavaScript', { size: '1e999' }],
    ['a text with a unit', { count: '3 levels' }],
    ['an integer that JSON has rounded', { text: 2 ** 63 }],
    ['a text for a list of numbers', { sizes: 'abc' }],
    ['a list that is cut short', { list: '["a", "b' }],
    ['an object for a list', { list: '{"a":1}' }],
    ['a fenced list that is cut short', { list: '```json\n["a", \n```' }],
    ['a list for a text', { text: ['x'] }],
    ['a value that is not in the enum', { mode: 'progress' }],
    ['a sign that is not in the enum', { mode: '1' }],
    ['a value that fits two values of an enum', { modes: [' b'] }],
    ['a text that is too long for the list', { list: 'x'.repeat(21) }],
  ])('is refused if its meaning is not plain: %s', async (_what, args) => {
    expect(codeOf(await world.call('say', args))).toBe('invalid_arguments');
  });

  it('is named in the error as the client sent it', async () => {
    expect(await said({ sizes: '1' })).toContain('expected array, received string');
    expect(await said({ flag: '1' })).toContain('expected boolean, received string');
    expect(await said({ list: '["a", "b' })).toContain('Expected array, received a string of JSON that is cut short or misspelt');
    expect(await said({ place: '{"city": "Bern"' })).toContain('received a string of JSON that is cut short');
  });
});
