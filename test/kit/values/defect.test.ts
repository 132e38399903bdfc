import { Writable } from 'node:stream';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, plainTool, readTool, ToolDefect, ToolRefusal } from '../../../src/kit/index.ts';
import { logCall } from '../../../src/server/node/log.ts';
import { codeOf, fieldsOf, newWorld, textOf, type World } from '../support.ts';

const SECRET = 'the-secret-of-the-state';
const quiz = (version: number, schema: z.ZodType, more: object = {}) =>
  defineKind({ name: 'quiz', version, schema, lifetime: 60, ...more });
const v1 = quiz(1, z.strictObject({ scores: z.record(z.string(), z.number()) }));
const making = (returned: unknown, config: object = {}) => createTool(v1, 'make', { description: '', ...config }, () => returned as never);

/** Returns the line that a server logs for the last call. */
function lineOf({ records }: World): Record<string, unknown> & { level: number } {
  let line = '';
  const log = pino(
    new Writable({
      write: (chunk, _encoding, done) => {
        line += chunk;
        done();
      },
    }),
  );
  logCall(log, records.at(-1) as never);
  return JSON.parse(line);
}

describe('a mistake of a tool’s author', () => {
  it.each([
    ['nothing', making(undefined), 'the handler returned nothing: expected { state, text }'],
    ['a string', making(SECRET), 'the handler returned a string: expected { state, text }'],
    ['a list', making([SECRET]), 'the handler returned a list: expected { state, text }'],
    [
      'a string, from a tool without a task',
      plainTool('make', { description: '' }, () => SECRET as never),
      'the handler returned a string: expected { text }',
    ],
    ['no text', making({ state: { scores: {} } }), 'text: expected string'],
    ['no state', making({ text: '' }), 'state of quiz@1: expected object'],
    [
      'a member of the wrong type, under a name that only the state has',
      making({ text: '', state: { scores: { [SECRET]: SECRET } } }),
      'state of quiz@1.scores.*: expected number',
    ],
    [
      'a member that the state’s schema lacks',
      making({ text: '', state: { scores: {}, [SECRET]: 1 } }),
      'state of quiz@1: has members that the schema does not declare',
    ],
    [
      'structured content of the wrong type',
      making(
        { text: '', state: { scores: {} }, structuredContent: { list: [1, SECRET] } },
        { outputSchema: { list: z.array(z.number()) } },
      ),
      'structuredContent.list[1]: expected number',
    ],
    [
      'structured content that is missing',
      making({ text: '', state: { scores: {} } }, { outputSchema: { count: z.number() } }),
      'structuredContent.count: expected number',
    ],
    [
      'a refusal without a code',
      createTool(v1, 'make', { description: '' }, () => {
        throw new (ToolRefusal as never as new (m: string) => Error)('No more.');
      }),
      'ToolRefusal: expected a code like "basket_ordered", and a message for the model',
    ],
  ])('is named in the log, without any part of the state: %s', async (_what, tool, problem) => {
    const world = await newWorld({ tools: [tool] });
    await expect(world.call('make', {})).rejects.toThrow(ToolDefect);
    const line = lineOf(world);
    expect(line).toMatchObject({ level: 50, code: 'internal_error', defect: { problem } });
    expect(JSON.stringify(line)).not.toContain(SECRET);
  });

  it('is logged with the name and place of its error, but without the message, which can contain state', async () => {
    const world = await newWorld({
      tools: [
        createTool(v1, 'make', { description: '' }, () => {
          throw new RangeError(SECRET);
        }),
      ],
    });
    await expect(world.call('make', {})).rejects.toThrow(SECRET);
    const line = lineOf(world);
    expect(line).toMatchObject({
      level: 50,
      defect: { name: 'RangeError', at: expect.arrayContaining([expect.stringContaining('defect.test.ts')]) },
    });
    expect(JSON.stringify(line)).not.toContain(SECRET);
  });
});

describe('a migration that fails', () => {
  const started = async (world: World) => fieldsOf(await world.call('make', {})).handle;
  const old = making({ text: '', state: { scores: { a: 1 } } });

  it.each([
    [
      'throws',
      () => {
        throw new Error(SECRET);
      },
      'the migration from quiz@1 to quiz@2 threw',
    ],
    [
      'returns a state that the schema refuses',
      () => ({ total: SECRET }),
      'the migration from quiz@1 to quiz@2 returned a state that does not fit the schema',
    ],
  ])('is logged as an error, and the client gets the code rejected: the migration %s', async (_what, migrate, problem) => {
    const v2 = quiz(2, z.strictObject({ total: z.number() }), { migration: { from: v1, migrate } });
    const world = await newWorld({ tools: [old, readTool(v2, 'show', { description: '' }, () => ({ text: '' }))] });
    const refused = await world.call('show', { handle: await started(world) });
    expect(codeOf(refused)).toBe('rejected');
    expect(textOf(refused)).not.toContain('migration');
    const line = lineOf(world);
    expect(line).toMatchObject({ level: 50, code: 'rejected', reason: 'state', defect: { problem } });
    expect(JSON.stringify(line)).not.toContain(SECRET);
  });

  it('differs from a missing migration: for a missing migration, the error names the tool that starts a new task', async () => {
    const v2 = quiz(2, z.strictObject({ total: z.number() }));
    const fresh = createTool(v2, 'make_new', { description: '' }, () => ({ state: { total: 0 }, text: '' }));
    const world = await newWorld({ tools: [fresh, readTool(v2, 'show', { description: '' }, () => ({ text: '' }))] });
    const before = await newWorld({ tools: [old] });
    world.ring = before.ring;
    const refused = await world.call('show', { handle: await started(before) });
    expect(codeOf(refused)).toBe('wrong_kind');
    expect(textOf(refused)).toContain('Start a new task with make_new.');
  });
});
