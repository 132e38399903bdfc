import { beforeEach, describe, expect, it } from 'vitest';
import { serverOf, toolset } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { legacyRequest } from '../../support/mcp.ts';
import { fieldsOf, newWorld, type World } from '../support.ts';
import { connected, listedOn, rawCall, serving } from '../wire.ts';

const identity = { name: 'waxseal-test', version: '1.0.0' };
const tools = toolset(researchTools);

let world: World;
let handle: string;
beforeEach(async () => {
  world = await newWorld();
  handle = fieldsOf(await world.call('start_research_task', { topic: 'x' })).handle;
});

describe('serverOf', () => {
  it('lists the kit’s definitions unchanged, to clients of 2026-07-28 and of 2025', async () => {
    const wire = serving(() => serverOf(tools, world.environment, identity));
    const definitions = JSON.parse(JSON.stringify(tools.definitions)) as unknown;
    expect(await listedOn(wire)).toEqual(definitions);
    expect(await listedOn(wire, legacyRequest('tools/list'))).toEqual(definitions);
  });

  it('introduces itself with its title, its instructions and its capabilities', async () => {
    const introduced = { ...identity, title: 'Waxseal', instructions: 'Keep the newest handle.' };
    const client = await connected(() => serverOf(tools, world.environment, introduced), 'legacy');
    expect(client.getServerVersion()).toEqual({ ...identity, title: 'Waxseal' });
    expect(client.getInstructions()).toBe('Keep the newest handle.');
    expect(client.getServerCapabilities()).toEqual({ tools: {}, logging: {} });
  });

  it('refuses an authenticated caller without a subject', async () => {
    const wire = serving(() => serverOf(tools, world.environment, identity));
    wire.principal = { issuer: 'https://issuer.example', subject: '' };
    const { message } = await wire.send(rawCall('get_task_status', { handle }));
    expect(message.result).toBeUndefined();
    expect(message.error?.code).toBe(-32_603);
  });
});
