import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { fingerprint } from '../../../src/handle/index.ts';
import { generateRing, parseDocument, toDocument, toText } from '../../../src/keys/index.ts';
import { ask, canElicit, createTool, InvalidRequestState, updateTool } from '../../../src/kit/index.ts';
import { asked, basket, create, stateFor, sure, tools, yes } from '../asking.ts';
import { codeOf, FORMS, fieldsOf, NOW, newWorld, ringOf, siblingOf, textOf, type World } from '../support.ts';

let world: World;
let handle: string;
let args: Record<string, unknown>;
let requestState: string;
beforeEach(async () => {
  world = await newWorld({ tools });
  ({ handle, args, requestState } = await asked(world));
});

describe('a tool that asks a question', () => {
  it('gets the answers, and the state that it remembered', async () => {
    const added = await world.call('add', args, { ...FORMS, requestState, answers: yes });
    expect(fieldsOf(added)).toMatchObject({ remembered: { asked: args['sku'], secret: 'tell-tale' }, answers: yes });
    expect(world.records.map(({ outcome }) => outcome)).toEqual(['ok', 'input_required', 'ok']);
    expect(world.records[1]).toMatchObject({ tool: 'add', revision: 1, fingerprint: await fingerprint(handle) });
  });

  it('encrypts the state that it remembers, but not its question', async () => {
    const asked = await world.ask('add', args, FORMS);
    expect(asked.inputRequests).toEqual(sure);
    const visible = JSON.stringify(asked) + Buffer.from(asked.requestState?.split('.')[0] ?? '', 'base64url').toString();
    expect(visible).not.toMatch(/tell-tale|asked/);
  });

  it('asks again if the answers come without the state that it remembered', async () => {
    const again = await world.ask('add', args, { ...FORMS, answers: yes });
    expect(again.requestState).toBeDefined();
  });

  it('gets answers without a requestState if it remembered no state', async () => {
    const asked = await world.ask('peek', { handle }, FORMS);
    expect(asked.requestState).toBeUndefined();
    expect(fieldsOf(await world.call('peek', { handle }, { ...FORMS, answers: yes }))['answers']).toEqual(yes);
    await expect(world.call('peek', { handle }, { ...FORMS, answers: yes, requestState })).rejects.toThrow(InvalidRequestState);
  });

  it('can ask in several rounds, each with a new state', async () => {
    const steps = updateTool(basket, 'steps', { description: '', outputSchema: { rounds: z.int() } }, (state, _, { remembered }) => {
      const rounds = typeof remembered === 'number' ? remembered : 0;
      return rounds < 3 ? ask(sure, rounds + 1) : { state, structuredContent: { rounds }, text: 'Done.' };
    });
    const rounds = await siblingOf(world, { tools: [create, steps] });
    const states = [await stateFor(rounds, 'steps', { handle }, {})];
    for (const last of [0, 1]) {
      rounds.now += 500;
      states.push(await stateFor(rounds, 'steps', { handle }, { requestState: states[last], answers: yes }));
    }
    expect(new Set(states).size).toBe(3);
    rounds.now += 500;
    const done = await rounds.call('steps', { handle }, { ...FORMS, requestState: states[2], answers: yes });
    expect(fieldsOf(done)['rounds']).toBe(3);
    await expect(rounds.call('steps', { handle }, { ...FORMS, requestState: states[0] })).rejects.toThrow(InvalidRequestState);
  });

  it('can remember any JSON value, even falsy values and lone surrogates', async () => {
    for (const memory of [null, 0, '', false, [], '\ud800', { ['__proto__']: 1 }, JSON.parse('{"__proto__":{"admin":true}}')]) {
      const echo = createTool(basket, 'echo', { description: '', outputSchema: { memory: z.unknown() } }, (_, { remembered }) =>
        remembered === undefined ? ask(sure, memory) : { state: { items: [] }, structuredContent: { memory: remembered }, text: 'x' },
      );
      const other = await siblingOf(world, { tools: [echo] });
      const state = await stateFor(other, 'echo', {});
      const result = await other.call('echo', {}, { ...FORMS, requestState: state });
      expect(JSON.stringify(fieldsOf(result)['memory'])).toBe(JSON.stringify(memory));
    }
  });

  it('is refused if it remembers too much, and the task is not affected', async () => {
    const hoard = updateTool(basket, 'hoard', { description: '' }, () => ask(sure, 'x'.repeat(20_000)));
    const other = await siblingOf(world, { tools: [...tools, hoard] });
    expect(codeOf(await other.call('hoard', { handle }, FORMS))).toBe('state_too_large');
    expect(other.records).toMatchObject([{ outcome: 'error', code: 'state_too_large' }]);
  });

  it('is refused while no key of the ring mints, and the task is not affected', async () => {
    const { pairs } = parseDocument(toText(await generateRing(NOW, 10)));
    world.ring = await ringOf(toDocument(pairs));
    const late = fieldsOf(await world.call('create', {})).handle;
    world.now = NOW + 10;
    const result = await world.call('add', { handle: late, sku: 1 }, FORMS);
    expect([codeOf(result), textOf(result)]).toEqual(['unavailable', expect.stringContaining('Nothing is lost')]);
    expect(world.records.at(-1)).toMatchObject({ code: 'unavailable' });
    expect(world.records).toHaveLength(4);
  });
});

describe('canElicit', () => {
  it.each([
    [{}, false],
    [{ elicitation: {} }, true],
    [{ elicitation: { form: {} } }, true],
    [{ elicitation: { form: {}, url: {} } }, true],
    [{ elicitation: { url: {} } }, false],
    [{ sampling: {} }, false],
  ])('for the capabilities %j, returns %s', (capabilities, can) => {
    expect(canElicit({ capabilities })).toBe(can);
  });
});

describe('missing arguments', () => {
  it('count as an empty object, even in a call that answers a question', async () => {
    const start = createTool(basket, 'start', { description: '' }, (_, { remembered }) =>
      remembered === undefined ? ask(sure, 1) : { state: { items: [] }, text: 'x' },
    );
    const other = await siblingOf(world, { tools: [start] });
    const state = await stateFor(other, 'start', undefined);
    expect(codeOf(await other.call('start', {}, { ...FORMS, requestState: state }))).toBeUndefined();
  });
});
