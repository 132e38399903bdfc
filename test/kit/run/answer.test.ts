/** Tests how the result of a handler becomes the result of a call. */
import { describe, expect, it, test } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, plainTool, readTool } from '../../../src/kit/index.ts';
import { fieldsOf, newWorld, textOf } from '../support.ts';

const note = defineKind({ name: 'note', version: 1, schema: z.string(), lifetime: 60 });
const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' } as const;
const link = { type: 'resource_link', uri: 'note://1', name: 'The note' } as const;
const resource = { type: 'resource', resource: { uri: 'note://1', text: 'x' } } as const;
const saying = { text: 'Here it is.', content: [image, link, resource], _meta: { 'example.com/cost': 3 } };

const tools = [
  createTool(note, 'draw', { description: '' }, () => ({ ...saying, state: 'x' })),
  readTool(note, 'show', { description: '' }, () => saying),
  plainTool('find', { description: '' }, () => saying),
];

describe('content blocks and _meta beside the text', () => {
  it('are in the result, with the content blocks after the text and the handle', async () => {
    const world = await newWorld({ tools });
    const drawn = await world.call('draw', {});
    const { handle } = fieldsOf(drawn);
    expect(drawn.content).toEqual([
      { type: 'text', text: expect.stringMatching(/^Here it is\.\nhandle \(.*\): eyJ/) },
      image,
      link,
      resource,
    ]);
    expect(drawn._meta).toEqual(saying._meta);
    for (const other of [await world.call('show', { handle }), await world.call('find', {})]) {
      expect(other.content).toEqual([{ type: 'text', text: 'Here it is.' }, image, link, resource]);
      expect(other._meta).toEqual(saying._meta);
      expect(other.structuredContent).toMatchObject({ message: 'Here it is.' });
    }
  });

  it.each([
    ['blocks of an unknown type', [{ type: 'video', data: 'AAAA' }]],
    ['blocks that lack a member', [{ type: 'image', data: 'AAAA' }]],
    ['a block that is not in a list', image],
    ['null', null],
  ])('are a defect of the tool if the content is not a list of valid blocks, and the call issues no handle: %s', async (_what, content) => {
    const wrong = createTool(note, 'wrong', { description: '' }, () => ({ state: 'x', text: '', content }) as never);
    const world = await newWorld({ tools: [wrong] });
    await expect(world.call('wrong', {})).rejects.toThrow('expected a list of content blocks');
    expect(world.records).toMatchObject([{ code: 'internal_error' }]);
    expect(world.records[0]?.task).toBeUndefined();
  });
});

test('the structured content begins with the handle, so that a host that cuts long results keeps it', async () => {
  const listing = { description: '', outputSchema: { list: z.array(z.int()) } };
  const list = createTool(note, 'list', listing, () => ({ state: 'x', text: '', structuredContent: { list: [1] } }));
  const world = await newWorld({ tools: [list, ...tools] });
  for (const name of ['list', 'draw']) expect(Object.keys(fieldsOf(await world.call(name, {})))[0]).toBe('handle');
});

describe('a cancelled call', () => {
  const started: string[] = [];
  const make = createTool(note, 'make', { description: '', inputSchema: { how: z.string() } }, async ({ how }, { signal }) => {
    started.push(how);
    if (how === 'heedless') stop.abort();
    if (how === 'throwing') {
      stop.abort();
      signal.throwIfAborted();
    }
    return { state: 'x', text: 'Made.' };
  });
  let stop = new AbortController();

  it.each(['heedless', 'throwing'])('issues no handle, and is not logged as a defect: the handler is %s', async (how) => {
    const world = await newWorld({ tools: [make] });
    stop = new AbortController();
    const { structuredContent } = await world.call('make', { how }, { signal: stop.signal });
    expect(structuredContent).toEqual({ error: { code: 'cancelled', message: 'This call was cancelled.' } });
    expect(world.records).toMatchObject([{ outcome: 'error', code: 'cancelled' }]);
    expect(world.records[0]).not.toHaveProperty('defect');
    expect(world.records[0]).not.toHaveProperty('task');
  });

  it('does not reach the handler if the client was gone before the call began', async () => {
    const world = await newWorld({ tools: [make] });
    await world.call('make', { how: 'late' }, { signal: AbortSignal.abort() });
    expect(started).not.toContain('late');
  });
});

describe('an onCall that fails', () => {
  it.each<[string, () => unknown]>([
    [
      'at once',
      () => {
        throw new Error('full');
      },
    ],
    ['later', () => Promise.reject(new Error('full'))],
  ])('does not affect the caller if it fails %s', async (_when, onCall) => {
    const world = await newWorld({ tools });
    Object.assign(world.environment, { onCall });
    expect(await world.call('find', {})).toMatchObject({ content: [{ text: 'Here it is.' }, {}, {}, {}] });
    // If a rejection were unhandled, it would end the process, and so this test, during this wait.
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('the option handleIn', () => {
  it.each([
    ['both', true, true],
    ['text', true, false],
    ['structured', false, true],
  ] as const)('decides which part of a result contains the handle: handleIn is %s', async (handleIn, inText, inStructured) => {
    const world = await newWorld({ handleIn });
    const result = await world.call('start_research_task', { topic: 'wax' });
    expect(/eyJ/.test(textOf(result))).toBe(inText);
    expect('handle' in (result.structuredContent as object)).toBe(inStructured);
    expect(result.structuredContent).toMatchObject({ status: 'running', handle_info: { revision: 1 } });
  });
});
