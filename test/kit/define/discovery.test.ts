import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { legacyRequest } from '../../support/mcp.ts';
import { callerNamed, FORMS, fieldsOf, newWorld, type World } from '../support.ts';
import { type Extras, listedOn, type Wire } from '../wire.ts';
import { callOn, many, said, serverIn } from './support.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const serve = serverIn(() => world);

describe('search_tools', () => {
  const search = (wire: Wire, query: string) => said(wire, 'search_tools', { query });

  it('returns a line for each matching tool, best match first, even for misspelt words', async () => {
    const wire = serve(researchTools, { list: 'search' });
    expect(await search(wire, 'record findings')).toMatch(/^record_findings: Adds findings to a research task\.\n/);
    expect((await search(wire, 'cancel')).split(':')[0]).toBe('cancel_research_task');
    expect((await search(wire, 'cancell a reserch')).split(':')[0]).toBe('cancel_research_task');
    expect((await search(wire, 'hand on to another agent with fewer rights')).split(':')[0]).toBe('delegate_task');
    expect((await search(wire, 'status')).split(':')[0]).toBe('get_task_status');
    expect((await search(wire, 'STATUS')).split(':')[0]).toBe('get_task_status');
  });

  it('finds one tool among 500, and returns at most ten', async () => {
    const wire = serve(many, { list: 'search' });
    expect((await search(wire, 'settle family 73')).split('\n')[0]).toBe('settle_family_73: Does settle with family 73.');
    expect((await search(wire, 'family')).split('\n')).toHaveLength(10);
  });

  it('says that no tool matches, and refuses an empty, overlong or non-text query', async () => {
    const wire = serve(researchTools, { list: 'search' });
    for (const query of ['xylophone', '???', '__proto__', 'constructor', 'hasOwnProperty', '*', ' ', '\u0000', '💥']) {
      expect(await search(wire, query)).toBe('No tool matches these words. This server has 6 tools: try other words.');
    }
    for (const query of ['', 'x'.repeat(201), ['x'], undefined]) {
      const { result } = await callOn(wire, 'search_tools', { query });
      expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: 'invalid_arguments' } } });
    }
  });
});

describe('the arguments of a finder', () => {
  it('can be wrapped, or have other spellings, and those of the called tool can stand beside its name', async () => {
    const wire = serve(researchTools, { list: 'search' });
    const called = async (args: object) => (await callOn(wire, 'call_tool', args)).result;
    const name = 'start_research_task';
    for (const args of [
      { name, topic: 'wax', depth: 4 },
      { name, topic: 'wax', arguments: { depth: 4 }, sessionId: 's' },
      { name, arguments: null, topic: 'wax', depth: 4 },
      { name, parameters: { topic: 'wax', depth: 4 } },
      { Name: name, Arguments: { topic: 'wax', Depth: '4' } },
      { input: { name, arguments: { input: { topic: 'wax', depth: 4 } } } },
      { name, topic: 'other', arguments: '{"topic":"wax","depth":4}' },
    ]) {
      expect((await called(args)).content[0].text, JSON.stringify(args)).toContain('Research task started on "wax", depth 4.');
    }
    const { handle } = (await called({ name, topic: 'wax' })).structuredContent;
    const delegated = await called({ name: 'delegate_task', arguments: { handle }, expiry: 60 });
    expect(delegated.content[0].text).toContain('delegate_task does not take "expiry"');
    expect((await called({ tool: name, topic: 'wax' })).content[0].text).toContain('call_tool does not take "tool", "topic"');
  });
});

describe('the cost of a search', () => {
  it('is limited: at most ten different words count, and words below three characters match only whole words', async () => {
    const wire = serve(researchTools, { list: 'search' });
    const search = (query: string) => said(wire, 'search_tools', { query });
    const fillers = Array.from({ length: 10 }, (_, number) => `zq${number}`).join(' ');
    expect(await search(`${fillers} cancel`)).toContain('No tool matches');
    expect(await search(`${'zq '.repeat(20)} cancel`)).toContain('cancel_research_task');
    for (const query of ['c', 'ca', 'r e s']) expect(await search(query)).toContain('No tool matches');
    expect(await search('can')).toContain('cancel_research_task');
  });

  it('is spread over turns of the event loop, so that other requests do not wait for a batch', async () => {
    const wire = serve(many, { list: 'search' });
    const calls = Array.from({ length: 50 }, (_, id) => {
      const request = legacyRequest('tools/call', { name: 'search_tools', arguments: { query: `settl family ${id}` } }, id);
      return JSON.parse(request.body) as object;
    });
    let [turns, over] = [0, false];
    const everyTurn = () => {
      turns += 1;
      if (!over) setImmediate(everyTurn);
    };
    setImmediate(everyTurn);
    const { headers } = legacyRequest('tools/call');
    const answered = await wire.answer({ method: 'POST', headers, body: JSON.stringify(calls) });
    over = true;
    expect([...answered.matchAll(/"id":(\d+)/g)].map(([, id]) => Number(id)).sort((one, other) => one - other)).toEqual(
      calls.map((_, id) => id),
    );
    expect(answered).toContain('settle_family_49');
    expect(turns).toBeGreaterThanOrEqual(49);
  });
});

describe('describe_tool', () => {
  it('returns the definition that the list of all tools has', async () => {
    const wire = serve(researchTools, { list: 'search' });
    const tools = await listedOn(serve(researchTools, { list: 'all' }));
    for (const definition of tools) {
      expect(JSON.parse(await said(wire, 'describe_tool', { name: definition.name }))).toEqual(definition);
    }
  });
});

describe('call_tool', () => {
  /** Writes a value as JSON, with fixed texts for what differs between calls: ids, handles and times. */
  const alike = (value: unknown) =>
    JSON.stringify(value)
      .replace(/eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+/g, '(sealed)')
      .replace(/"(id|task)":"[\w-]{16}"/g, '"$1":"(id)"')
      .replace(/"fingerprint":"[\w-]{16}"/g, '"fingerprint":"(fingerprint)"')
      .replace(/"ms":[\d.e-]+/g, '"ms":0')
      // Random ids change the length of a compressed handle by some characters.
      .replace(/"length":\d+/g, '"length":0');

  it('gives the same result and record as a direct call', async () => {
    const wire = serve(researchTools, { list: 'search' });
    const alice = callerNamed('alice');
    const handle = fieldsOf(await world.call('start_research_task', { topic: 'x' })).handle;
    const hers = fieldsOf(await world.call('start_research_task', { topic: 'x' }, alice)).handle;
    const readOnly = fieldsOf(await world.call('delegate_task', { handle })).handle;
    const confirm = { handle, findings: [] };
    const asked = await world.ask('complete_research_task', confirm, FORMS);
    const answers = { inputResponses: { confirm: { action: 'accept', content: {} } }, requestState: asked.requestState };
    const calls: [name: string, args: unknown, extras?: Extras][] = [
      ['start_research_task', { topic: 'x', depth: 3 }],
      ['start_research_task', {}],
      ['start_research_task', { topic: 'x', unknown: 1 }],
      ['start_research_task', JSON.parse('{"topic":"x","__proto__":{"depth":9}}')],
      ['get_task_status', { handle }],
      ['get_task_status', {}],
      ['get_task_status', { handle: handle.slice(0, 99) }],
      ['get_task_status', { handle: `${handle.slice(0, -9)}AAAAAAAAA` }],
      ['get_task_status', { handle: hers }],
      ['record_findings', { handle, findings: ['y'] }],
      ['record_findings', { handle, findings: 'y' }],
      ['record_findings', { handle: readOnly, findings: ['y'] }],
      ['delegate_task', { handle, rights: ['read'], expires_in: 60 }],
      ['delegate_task', { handle: readOnly, rights: ['record_findings'] }],
      ['complete_research_task', confirm, FORMS],
      ['complete_research_task', confirm, { ...FORMS, ...answers }],
      ['complete_research_task', { handle: readOnly, findings: [] }, { ...FORMS, ...answers }],
      ['complete_research_task', confirm, { ...FORMS, requestState: 'x' }],
      ['complete_research_task', confirm],
    ];
    for (const principal of [undefined, alice.principal]) {
      wire.principal = principal;
      for (const [name, args, extras] of calls) {
        const before = world.records.length;
        const direct = await callOn(wire, name, args, extras);
        const directly = world.records.splice(before);
        const found = await callOn(wire, 'call_tool', { name, arguments: args }, extras);
        expect(alike(found), name).toBe(alike(direct));
        expect(alike(world.records.splice(before)), name).toBe(alike(directly));
        expect(directly).toHaveLength(1);
      }
    }
  });

  it('calls a tool with empty arguments if the client passes none', async () => {
    const wire = serve(researchTools, { list: 'search' });
    expect(alike(await callOn(wire, 'call_tool', { name: 'start_research_task' }))).toBe(
      alike(await callOn(wire, 'start_research_task', {})),
    );
    for (const args of [null, 7, 'x', []]) {
      const { result } = await callOn(wire, 'call_tool', { name: 'start_research_task', arguments: args });
      expect(result.structuredContent).toEqual({ error: { code: 'invalid_arguments', message: expect.any(String) } });
    }
  });

  it('hides the details of a defect, as a direct call does', async () => {
    const kind = defineKind({ name: 'note', version: 1, schema: z.string(), lifetime: 60 });
    const broken = createTool(kind, 'broken', { description: '' }, () => {
      throw new Error('secret state');
    });
    const wire = serve([broken], { list: 'search' });
    for (const [name, args] of [
      ['broken', {}],
      ['call_tool', { name: 'broken' }],
    ] as const) {
      const { isError, structuredContent } = (await callOn(wire, name, args)).result;
      expect(isError).toBe(true);
      expect(structuredContent).toEqual({ error: { code: 'internal_error', message: expect.stringContaining('a defect in the server') } });
    }
    expect(world.records).toMatchObject([{ code: 'internal_error' }, { code: 'internal_error' }]);
  });
});
