import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, toolset, updateTool } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { legacyRequest, modernRequest } from '../../support/mcp.ts';
import { callerNamed, newWorld, type World } from '../support.ts';
import { listedOn } from '../wire.ts';
import { many, said, serverIn } from './support.ts';

const FINDERS = ['search_tools', 'describe_tool', 'call_tool'];

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const serve = serverIn(() => world);

describe('the list of tools', () => {
  it('has the definitions of all tools in mode all, and of the three finders in mode search', async () => {
    expect((await listedOn(serve(researchTools, { list: 'all' }))).map(({ name }) => name)).toEqual([
      ...researchTools.map(({ definition }) => definition.name),
      'delegate_task',
    ]);
    expect((await listedOn(serve(researchTools, { list: 'search' }))).map(({ name }) => name)).toEqual(FINDERS);
  });

  it('in mode auto, has all tools if their definitions take few tokens, and otherwise only the three finders', async () => {
    expect(await listedOn(serve(researchTools, { list: 'auto' }))).toHaveLength(6);
    expect((await listedOn(serve(many, { list: 'auto' }))).map(({ name }) => name)).toEqual(FINDERS);
  });

  it('costs at most 900 tokens for the research tools and delegate_task', () => {
    const { definitions } = toolset(researchTools, { list: 'all' });
    expect(countTokens(JSON.stringify(definitions))).toBeLessThanOrEqual(900);
  });

  it('costs at most 350 tokens in mode search, for 500 tools as for five', async () => {
    expect(many).toHaveLength(500);
    const [few, all] = [await listedOn(serve(researchTools, { list: 'search' })), await listedOn(serve(many, { list: 'search' }))];
    expect(all).toEqual(few);
    expect(countTokens(JSON.stringify(all))).toBeLessThanOrEqual(350);
  });

  it('is the same for every caller and after every call, and caches may share it', async () => {
    for (const list of ['all', 'search'] as const) {
      const wire = serve(researchTools, { list });
      const answer = async () => JSON.stringify((await wire.send(modernRequest('tools/list'))).message.result);
      const before = await answer();
      expect(JSON.parse(before)).toMatchObject({ cacheScope: 'public', ttlMs: 3_600_000 });
      await said(wire, list === 'search' ? 'call_tool' : 'nothing', { name: 'start_research_task', arguments: { topic: 'x' } }).catch(
        () => {},
      );
      wire.principal = callerNamed('alice').principal;
      expect(await answer()).toBe(before);
      expect(await listedOn(wire, legacyRequest('tools/list'))).toEqual(JSON.parse(before).tools);
    }
  });

  it('has one page, and refuses every cursor', async () => {
    const { message } = await serve(researchTools, {}).send(modernRequest('tools/list', { cursor: 'x' }));
    expect(message.error).toMatchObject({ code: -32_602, message: expect.stringContaining('Invalid cursor') });
  });

  it('refuses values that are no tools, unknown options, and a second delegate_task', () => {
    const made =
      (...given: unknown[]) =>
      () =>
        (toolset as (...given: unknown[]) => unknown)(...given);
    for (const tools of [{}, undefined, 'tools']) expect(made(tools)).toThrow('toolset: expected a list of tools');
    for (const tools of [[Promise.resolve(researchTools[0])], [{}], [undefined]]) {
      expect(made(tools)).toThrow('toolset: element 0 of the list is no tool. createTool, updateTool and so on make tools.');
    }
    expect(made(researchTools, { delegations: false })).toThrow(
      'toolset: the options cannot have delegations; it can have list, delegation',
    );
    const kind = defineKind({ name: 'note', version: 1, schema: z.string(), lifetime: 60 });
    const own = updateTool(kind, 'delegate_task', { description: '' }, (state) => ({ state, text: 'x' }));
    expect(made([own])).toThrow('The kit adds one. To leave it out, pass { delegation: false }.');
    expect(made([own], { delegation: false })).not.toThrow();
  });

  it('cannot have two tools with one name; in search mode, it also cannot have a tool with a finder’s name', () => {
    const kind = defineKind({ name: 'note', version: 1, schema: z.string(), lifetime: 60 });
    const named = (name: string) => createTool(kind, name, { description: '' }, () => ({ state: '', text: 'x' }));
    expect(() => toolset([named('a'), named('a')])).toThrow(TypeError);
    expect(() => toolset([...researchTools, named('delegate_task')])).toThrow(TypeError);
    for (const name of FINDERS) {
      expect(() => toolset([named(name)], { list: 'search' })).toThrow(TypeError);
      expect(() => toolset([named(name)], { list: 'all' })).not.toThrow();
    }
  });
});
