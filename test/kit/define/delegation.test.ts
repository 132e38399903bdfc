import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { succeeds } from '../../../src/handle/index.ts';
import { createTool, defineKind, readTool, type Tool, toolset, updateTool } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { callerNamed, codeOf, fieldsOf, infoOf, inspect, NOW, newWorld, sealed, siblingOf, textOf, type World } from '../support.ts';

let world: World;
let handle: string;
beforeEach(async () => {
  world = await newWorld();
  handle = fieldsOf(await world.call('start_research_task', { topic: 'lost luggage' })).handle;
});

const delegate = (args: object = {}, incoming = {}) => world.call('delegate_task', { handle, ...args }, incoming);
const RIGHTS = ['read', 'get_task_status', 'record_findings', 'complete_research_task', 'cancel_research_task'];

describe('delegate_task', () => {
  it('issues a handle with the right "read" if the caller names no rights', async () => {
    const delegated = await delegate();
    const { id, kind, expires_at } = infoOf(await world.call('get_task_status', { handle }));
    expect(infoOf(delegated)).toEqual({ id, kind, revision: 2, expires_at, rights: ['read'] });
    const { handle: part } = fieldsOf(delegated);
    const status = await world.call('get_task_status', { handle: part });
    expect(fieldsOf(status)).toMatchObject({ handle: part, topic: 'lost luggage', handle_info: { rights: ['read'] } });
    for (const [tool, args] of [
      ['record_findings', { findings: ['x'] }],
      ['complete_research_task', { findings: ['x'] }],
      ['cancel_research_task', {}],
    ] as const) {
      const result = await world.call(tool, { handle: part, ...args });
      expect([codeOf(result), textOf(result)]).toEqual([
        'forbidden',
        `This handle was delegated with fewer rights, and lacks the right to call ${tool}. Ask for a handle with that right.`,
      ]);
    }
  });

  it('leaves the caller’s own handle unchanged', async () => {
    await delegate();
    expect(codeOf(await world.call('record_findings', { handle, findings: ['x'] }))).toBeUndefined();
    expect(infoOf(await world.call('get_task_status', { handle }))).not.toHaveProperty('rights');
  });

  it('issues a handle that opens for the named tools only, and later handles keep its rights', async () => {
    const { handle: part } = fieldsOf(await delegate({ rights: ['record_findings'] }));
    expect(codeOf(await world.call('get_task_status', { handle: part }))).toBe('forbidden');
    const recorded = await world.call('record_findings', { handle: part, findings: ['under the stairs'] });
    expect(infoOf(recorded)).toMatchObject({ revision: 3, rights: ['record_findings'] });
    expect(codeOf(await world.call('cancel_research_task', { handle: fieldsOf(recorded).handle }))).toBe('forbidden');
    expect(await succeeds(await inspect(world, part), await inspect(world, handle))).toBe(true);
    expect(await succeeds(await inspect(world, fieldsOf(recorded).handle), await inspect(world, part))).toBe(true);
  });

  it('can take more rights away, but never adds one', async () => {
    const both = fieldsOf(await delegate({ rights: ['read', 'record_findings'] })).handle;
    const one = await world.call('delegate_task', { handle: both, rights: ['record_findings'] });
    expect(infoOf(one)).toMatchObject({ revision: 3, rights: ['record_findings'] });
    for (const rights of [['cancel_research_task'], ['record_findings', 'cancel_research_task'], RIGHTS]) {
      const result = await world.call('delegate_task', { handle: both, rights });
      expect([codeOf(result), textOf(result)]).toEqual([
        'forbidden',
        'This handle has the rights read, record_findings, and can delegate no others.',
      ]);
    }
    const defaulted = await world.call('delegate_task', { handle: fieldsOf(one).handle });
    expect(codeOf(defaulted)).toBe('forbidden');
    const readOnly = fieldsOf(await delegate()).handle;
    expect(infoOf(await world.call('delegate_task', { handle: readOnly }))).toMatchObject({ revision: 3, rights: ['read'] });
  });

  it('can make a handle expire earlier, but never later', async () => {
    const short = await delegate({ expires_in: 60 });
    expect(infoOf(short).expires_at).toBe('2026-07-28T12:01:00Z');
    const { handle: part } = fieldsOf(short);
    for (const expires_in of [61, 86_400, Number.MAX_SAFE_INTEGER]) {
      expect(infoOf(await world.call('delegate_task', { handle: part, expires_in })).expires_at).toBe('2026-07-28T12:01:00Z');
    }
    expect(infoOf(await delegate({ expires_in: 10 ** 9 })).expires_at).toBe('2026-07-29T12:00:00Z');
    world.now = NOW + 59;
    expect(codeOf(await world.call('get_task_status', { handle: part }))).toBeUndefined();
    world.now = NOW + 60;
    expect(codeOf(await world.call('get_task_status', { handle: part }))).toBe('expired');
    expect(codeOf(await world.call('get_task_status', { handle }))).toBeUndefined();
  });

  it('refuses an expires_in that is not a positive whole number', async () => {
    for (const expires_in of [0, -1, 0.5, '0', 'x', '', true]) expect(codeOf(await delegate({ expires_in }))).toBe('invalid_arguments');
  });

  it('refuses unknown arguments, because a handle would live too long if a misspelt expires_in were ignored', async () => {
    for (const misspelt of ['expires', 'expires_in_seconds', 'ttl', 'right', 'Rights', 'max_calls', 'tool', '__proto__x']) {
      const refused = await delegate({ rights: ['read'], [misspelt]: 60 });
      expect([codeOf(refused), textOf(refused)]).toEqual([
        'invalid_arguments',
        `delegate_task does not take "${misspelt}"; it takes handle, rights, expires_in.`,
      ]);
    }
    const searched = await siblingOf(world, { options: { list: 'search' } });
    expect(codeOf(await searched.call('delegate_task', { handle, expiry: 60 }))).toBe('invalid_arguments');
  });

  it('refuses a handle in other text or in an object, which may contain the rights and the expiry that the model wants', async () => {
    for (const given of [
      { handle, expires_in: 60 },
      JSON.stringify({ handle, expires_in: 60 }),
      `${handle} expires_in=60`,
      { handle, rights: ['read'] },
      [handle],
    ]) {
      const refused = await world.call('delegate_task', { handle: given, rights: ['record_findings'] });
      expect(codeOf(refused), JSON.stringify(given)).toBe('malformed');
    }
    expect(infoOf(await world.call('delegate_task', { handle: ` "${handle}" `, expires_in: 60 })).expires_at).toBe('2026-07-28T12:01:00Z');
  });

  it('heeds arguments and rights in another spelling, and never takes a text for an absent argument', async () => {
    const delegated = await delegate({ Rights: ['Read', '"record findings"'], expiresIn: '+60' });
    expect(infoOf(delegated)).toMatchObject({ rights: ['read', 'record_findings'], expires_at: '2026-07-28T12:01:00Z' });
    expect(textOf(delegated)).toContain('Its rights: read, record_findings.');
    expect(infoOf(await delegate({ rights: 'record_findings' }))).toMatchObject({ rights: ['record_findings'] });
    for (const args of [{ rights: 'None' }, { rights: '' }, { expires_in: 'None' }, { expires_in: 'undefined' }, { expires_in: '' }]) {
      expect(codeOf(await delegate(args)), JSON.stringify(args)).toBe('invalid_arguments');
    }
  });

  it('accepts arguments that a host adds to every call, and null for optional arguments', async () => {
    const added = { toolCallId: 'call_1', sessionId: 's', chatInput: 'hand it on' };
    expect(infoOf(await delegate({ ...added, expires_in: 60 }))).toMatchObject({ rights: ['read'], expires_at: '2026-07-28T12:01:00Z' });
    expect(infoOf(await delegate({ ...added, rights: null, expires_in: null }))).toMatchObject({ expires_at: '2026-07-29T12:00:00Z' });
    expect(infoOf(await delegate({ expires_in: '60' }))).toMatchObject({ expires_at: '2026-07-28T12:01:00Z' });
  });

  it('issues a handle for one second, even on a replica with a slow clock', async () => {
    const { claims } = await inspect(world, handle);
    const ahead = await sealed(world, { ...claims, iat: NOW + 60 });
    const delegated = await world.call('delegate_task', { handle: ahead, expires_in: 1 });
    expect(infoOf(delegated)).toMatchObject({ expires_at: '2026-07-28T12:01:01Z' });
    expect(codeOf(await world.call('get_task_status', { handle: fieldsOf(delegated).handle }))).toBeUndefined();
  });

  it.each([
    ['no rights', []],
    ['a right twice', ['read', 'read']],
    ['an unknown right', ['fly']],
    ['the right to delegate', ['delegate_task']],
    ['the right to start tasks', ['start_research_task']],
    ['other spellings', ['Read', 'read ', '']],
    ['names of members of every object', ['__proto__', 'constructor', 'toString']],
    ['every known right and one more', [...RIGHTS, 'x']],
    ['too many rights', Array.from({ length: 100_000 }, (_, n) => `right ${n}`)],
    ['a number', [7]],
    ['a text', 'fly'],
  ])('refuses wrong rights, and names the rights that exist: %s', async (_name, rights) => {
    const result = await delegate({ rights });
    expect(codeOf(result)).toBe('invalid_arguments');
    expect(textOf(result).length).toBeLessThan(400);
    if (Array.isArray(rights) && rights.every((right) => typeof right === 'string')) {
      expect(textOf(result)).toContain(`Rights to this task: ${RIGHTS.join(', ')}.`);
    }
  });

  it('works only for the handle’s own caller', async () => {
    const alice = callerNamed('alice');
    const hers = fieldsOf(await world.call('start_research_task', { topic: 'x' }, alice)).handle;
    for (const caller of [{}, callerNamed('mallory')]) {
      expect(codeOf(await world.call('delegate_task', { handle: hers }, caller))).toBe('rejected');
    }
    const part = fieldsOf(await world.call('delegate_task', { handle: hers }, alice)).handle;
    expect(codeOf(await world.call('get_task_status', { handle: part }, callerNamed('mallory')))).toBe('rejected');
    expect(codeOf(await world.call('get_task_status', { handle: part }, alice))).toBeUndefined();
  });

  it('does not hand on rights that the server does not know', async () => {
    const { claims } = await inspect(world, handle);
    const foreign = await sealed(world, { ...claims, scp: ['check_out'] });
    for (const [tool, args] of [
      ['delegate_task', {}],
      ['delegate_task', { rights: ['check_out'] }],
      ['get_task_status', {}],
    ] as const) {
      expect(codeOf(await world.call(tool, { handle: foreign, ...args }))).toBe('forbidden');
    }
    const mixed = await sealed(world, { ...claims, scp: ['check_out', 'read'] });
    expect(infoOf(await world.call('delegate_task', { handle: mixed })).rights).toEqual(['read']);
    expect(codeOf(await world.call('delegate_task', { handle: mixed, rights: ['check_out'] }))).toBe('invalid_arguments');
  });

  it('is not in a toolset without delegation', async () => {
    expect(toolset(researchTools).byName.has('delegate_task')).toBe(true);
    const without = toolset(researchTools, { delegation: false });
    expect(without.definitions).toHaveLength(5);
    expect(without.byName.has('delegate_task')).toBe(false);
  });

  it('is not in a toolset whose tools take no handle', () => {
    expect(toolset(researchTools.slice(0, 1)).byName.has('delegate_task')).toBe(false);
  });
});

describe('the rights to a task', () => {
  const note = defineKind({ name: 'note', version: 1, schema: z.strictObject({ text: z.string() }), lifetime: 60 });
  const many: Tool[] = Array.from({ length: 100 }, (_, n) =>
    updateTool(note, `tool_${n}`, { description: '' }, (state) => ({ state, text: 'x' })),
  );
  const start = createTool(note, 'start', { description: '' }, () => ({ state: { text: '' }, text: 'x' }));
  const show = readTool(note, 'show', { description: '' }, ({ text }) => ({ text }));

  it('are at most 64 in one delegated handle', async () => {
    const crowd = await newWorld({ tools: [start, show, ...many] });
    const { handle: whole } = fieldsOf(await crowd.call('start', {}));
    const rights = many.map(({ definition }) => definition.name);
    expect(codeOf(await crowd.call('delegate_task', { handle: whole, rights: rights.slice(0, 65) }))).toBe('invalid_arguments');
    const most = await crowd.call('delegate_task', { handle: whole, rights: rights.slice(0, 64) });
    expect(infoOf(most).rights).toHaveLength(64);
    expect(codeOf(await crowd.call('tool_63', { handle: fieldsOf(most).handle }))).toBeUndefined();
    expect(codeOf(await crowd.call('tool_64', { handle: fieldsOf(most).handle }))).toBe('forbidden');
  });

  it('include no tool of another kind', async () => {
    const both = await siblingOf(world, { tools: [...researchTools, start, show] });
    const result = await both.call('delegate_task', { handle, rights: ['show'] });
    expect([codeOf(result), textOf(result)]).toEqual(['invalid_arguments', expect.stringContaining('There is no right "show"')]);
  });
});
