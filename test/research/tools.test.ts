import { beforeEach, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/handle/index.ts';
import { researchTask, researchTools } from '../../src/research/index.ts';
import { codeOf, FORMS, fieldsOf, infoOf, NOW, newWorld, textOf, type World } from '../kit/support.ts';

let world: World;
let handle: string;
beforeEach(async () => {
  world = await newWorld();
  handle = fieldsOf(await world.call('start_research_task', { topic: 'lost luggage', depth: 3 })).handle;
});

describe('a research task', () => {
  it('can be started, worked on and completed, with its findings in its handle', async () => {
    const recorded = await world.call('record_findings', { handle, findings: ['in the hall', 'under the stairs'] });
    expect(fieldsOf(recorded)).toMatchObject({ status: 'running', result_count: 2 });
    const completed = await world.call('complete_research_task', { handle: fieldsOf(recorded).handle, findings: ['on the roof'] });
    expect(fieldsOf(completed)).toMatchObject({ status: 'complete', result_count: 3 });
    const status = await world.call('get_task_status', { handle: fieldsOf(completed).handle });
    expect(fieldsOf(status)).toMatchObject({
      handle: fieldsOf(completed).handle,
      topic: 'lost luggage',
      depth: 3,
      status: 'complete',
      results: ['in the hall', 'under the stairs', 'on the roof'],
    });
  });

  it('has depth 2 by default', async () => {
    const { handle: plain } = fieldsOf(await world.call('start_research_task', { topic: 'x' }));
    expect(fieldsOf(await world.call('get_task_status', { handle: plain }))).toMatchObject({ depth: 2, status: 'running', results: [] });
  });

  it('can be cancelled, with a reason that its status shows', async () => {
    const cancelled = await world.call('cancel_research_task', { handle, reason: 'found at home' });
    expect(fieldsOf(cancelled)).toMatchObject({ status: 'cancelled' });
    const status = await world.call('get_task_status', { handle: fieldsOf(cancelled).handle });
    expect(fieldsOf(status)['status']).toBe('cancelled');
    expect(textOf(status)).toContain('found at home');
  });

  it('refuses every change after its end, and says why', async () => {
    const complete = fieldsOf(await world.call('complete_research_task', { handle, findings: [] })).handle;
    const cancelled = fieldsOf(await world.call('cancel_research_task', { handle })).handle;
    for (const [ended, state] of [
      [complete, 'complete'],
      [cancelled, 'cancelled'],
    ]) {
      for (const [tool, args] of [
        ['record_findings', { findings: ['x'] }],
        ['complete_research_task', { findings: ['x'] }],
        ['cancel_research_task', {}],
      ] as const) {
        const result = await world.call(tool, { handle: ended, ...args });
        expect(codeOf(result)).toBe('task_ended');
        expect(textOf(result)).toContain(`This task is ${state}`);
      }
    }
  });
});

describe('complete_research_task, for a task without findings,', () => {
  const complete = (findings: string[] = [], incoming = {}) => world.call('complete_research_task', { handle, findings }, incoming);

  it('asks the user if the client supports questions, and completes the task if the user says yes', async () => {
    const { inputRequests, requestState } = await world.ask('complete_research_task', { handle, findings: [] }, FORMS);
    expect(inputRequests).toMatchObject({ confirm: { method: 'elicitation/create' } });
    const answers = { confirm: { action: 'accept', content: {} } };
    const completed = await complete([], { ...FORMS, requestState, answers });
    expect(fieldsOf(completed)).toMatchObject({ status: 'complete', result_count: 0 });
    expect(infoOf(completed).revision).toBe(2);
  });

  it.each(['decline', 'cancel'])('leaves the task unchanged if the user does not say yes: %s', async (action) => {
    const { requestState } = await world.ask('complete_research_task', { handle, findings: [] }, FORMS);
    const refused = await complete([], { ...FORMS, requestState, answers: { confirm: { action } } });
    expect([codeOf(refused), textOf(refused)]).toEqual(['not_confirmed', expect.stringContaining('Use record_findings to add findings')]);
    expect(fieldsOf(await world.call('get_task_status', { handle }))['status']).toBe('running');
  });

  it('asks again if the answer is missing, belongs to another question, or lacks its requestState', async () => {
    const { requestState } = await world.ask('complete_research_task', { handle, findings: [] }, FORMS);
    const yes = { action: 'accept', content: {} };
    for (const incoming of [
      { requestState },
      { requestState, answers: {} },
      { requestState, answers: { other: yes } },
      { requestState, answers: { confirm: { roots: [] } } },
      { answers: { confirm: yes } },
    ]) {
      const again = await world.ask('complete_research_task', { handle, findings: [] }, { ...FORMS, ...incoming });
      expect(again.requestState).toBeDefined();
    }
  });

  it('does not accept a yes that the user gave for another task', async () => {
    const { requestState } = await world.ask('complete_research_task', { handle, findings: [] }, FORMS);
    const { handle: other } = fieldsOf(await world.call('start_research_task', { topic: 'other' }));
    const incoming = { ...FORMS, requestState, answers: { confirm: { action: 'accept', content: {} } } };
    await expect(world.call('complete_research_task', { handle: other, findings: [] }, incoming)).rejects.toThrow(
      'Invalid or expired requestState',
    );
  });

  it('does not ask if the client supports no questions, the task has findings, or the task has ended', async () => {
    for (const capabilities of [{}, { elicitation: { url: {} } }, { sampling: {} }]) {
      expect(fieldsOf(await complete([], { capabilities }))['status']).toBe('complete');
    }
    expect(fieldsOf(await complete(['x'], FORMS))['status']).toBe('complete');
    const { handle: found } = fieldsOf(await world.call('record_findings', { handle, findings: ['x'] }));
    expect(codeOf(await world.call('complete_research_task', { handle: found, findings: [] }, FORMS))).toBeUndefined();
    const { handle: ended } = fieldsOf(await complete());
    expect(codeOf(await world.call('complete_research_task', { handle: ended, findings: [] }, FORMS))).toBe('task_ended');
  });
});

describe('a result', () => {
  it('tells the client the id, the kind, the revision and the expiry of its handle', async () => {
    const first = fieldsOf(await world.call('get_task_status', { handle }))['handle_info'];
    expect(first).toMatchObject({ kind: 'research@1', revision: 1, expires_at: '2026-07-29T12:00:00Z' });
    const second = fieldsOf(await world.call('record_findings', { handle, findings: ['x'] }))['handle_info'];
    expect(second).toEqual({ ...(first as object), revision: 2 });
  });

  it('contains a new handle once in each part, and an unchanged handle in its structured content only', async () => {
    const recorded = await world.call('record_findings', { handle, findings: ['x'] });
    const next = fieldsOf(recorded).handle;
    expect(next).not.toBe(handle);
    expect(JSON.stringify(recorded).split(next)).toHaveLength(3);
    const status = await world.call('get_task_status', { handle: next });
    expect(fieldsOf(status).handle).toBe(next);
    expect(textOf(status)).not.toContain('eyJ');
  });

  it('is logged with the id, revision, fingerprint and length of its handle, and with nothing else of the handle', async () => {
    const recorded = fieldsOf(await world.call('record_findings', { handle, findings: ['x'] }));
    expect(world.records.at(-1)).toEqual({
      tool: 'record_findings',
      outcome: 'ok',
      task: (recorded['handle_info'] as { id: string }).id,
      revision: 2,
      fingerprint: await fingerprint(recorded.handle),
      length: recorded.handle.length,
      ms: expect.any(Number),
    });
  });
});

describe('without a store', () => {
  it('a call with an old handle gets the state that this handle contains', async () => {
    await world.call('complete_research_task', { handle, findings: ['x'] });
    expect(fieldsOf(await world.call('get_task_status', { handle }))).toMatchObject({ status: 'running', results: [] });
  });

  it('updating one handle twice forks the task', async () => {
    const left = fieldsOf(await world.call('record_findings', { handle, findings: ['left'] }));
    const right = fieldsOf(await world.call('record_findings', { handle, findings: ['right'] }));
    expect(left.handle).not.toBe(right.handle);
    expect(left['handle_info']).toEqual(right['handle_info']);
    expect(fieldsOf(await world.call('get_task_status', { handle: left.handle }))['results']).toEqual(['left']);
  });
});

describe('the definitions of the research tools', () => {
  it('have their five names, in a fixed order', () => {
    expect(researchTools.map((tool) => tool.definition.name)).toEqual([
      'start_research_task',
      'get_task_status',
      'record_findings',
      'complete_research_task',
      'cancel_research_task',
    ]);
  });

  it('have a description, two schemas, and correct annotations', () => {
    for (const { definition } of researchTools) {
      expect(definition.description.length).toBeLessThan(160);
      expect(definition.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(definition.outputSchema).toMatchObject({ type: 'object' });
      const reads = definition.name === 'get_task_status';
      expect(definition.annotations).toEqual({ readOnlyHint: reads, ...(!reads && { destructiveHint: false }), openWorldHint: false });
    }
    expect(researchTools[0]?.definition.description).toMatch(/newest handle, unchanged.*24 hours/);
  });

  it('give tasks the lifetime that their description states: 24 hours', () => {
    expect(researchTask.lifetime).toBe(24 * 3600);
    expect(world.now).toBe(NOW);
  });
});
