/** What a handler says, and what becomes of it in an answer. */
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, plainTool, readTool } from '../../../src/kit/index.ts';
import { fieldsOf, newWorld } from '../support.ts';

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
  it('stand in the answer, behind the text and the handle', async () => {
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
    ['of no type that MCP knows', [{ type: 'video', data: 'AAAA' }]],
    ['that lack something', [{ type: 'image', data: 'AAAA' }]],
    ['that are no list', image],
    ['that are nothing', null],
  ])('are a defect before anything is issued, where they are blocks %s', async (_what, content) => {
    const wrong = createTool(note, 'wrong', { description: '' }, () => ({ state: 'x', text: '', content }) as never);
    const world = await newWorld({ tools: [wrong] });
    await expect(world.call('wrong', {})).rejects.toThrow('no list of content blocks');
    expect(world.records).toMatchObject([{ code: 'internal_error' }]);
    expect(world.records[0]?.task).toBeUndefined();
  });
});

describe('a call that was cancelled', () => {
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

  it.each(['heedless', 'throwing'])('issues nothing, and is no defect of its tool: %s', async (how) => {
    const world = await newWorld({ tools: [make] });
    stop = new AbortController();
    const { structuredContent } = await world.call('make', { how }, { signal: stop.signal });
    expect(structuredContent).toEqual({ error: { code: 'cancelled', message: 'This call was cancelled.' } });
    expect(world.records).toMatchObject([{ outcome: 'error', code: 'cancelled' }]);
    expect(world.records[0]).not.toHaveProperty('defect');
    expect(world.records[0]).not.toHaveProperty('task');
  });

  it('does not begin, where its client has gone before', async () => {
    const world = await newWorld({ tools: [make] });
    await world.call('make', { how: 'late' }, { signal: AbortSignal.abort() });
    expect(started).not.toContain('late');
  });
});

describe('an observer that fails', () => {
  it.each<[string, () => unknown]>([
    [
      'at once',
      () => {
        throw new Error('full');
      },
    ],
    ['later', () => Promise.reject(new Error('full'))],
  ])('%s costs the caller nothing', async (_when, onCall) => {
    const world = await newWorld({ tools });
    Object.assign(world.environment, { onCall });
    expect(await world.call('find', {})).toMatchObject({ content: [{ text: 'Here it is.' }, {}, {}, {}] });
    // A rejection that nobody heeds would end the process, and vitest with it.
    await new Promise((resolve) => setImmediate(resolve));
  });
});
