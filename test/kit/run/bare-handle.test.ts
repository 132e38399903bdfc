import { beforeEach, describe, expect, it } from 'vitest';
import { researchTools } from '../../../src/research/index.ts';
import { codeOf, fieldsOf, newWorld, type World } from '../support.ts';

let world: World;
let handle: string;
beforeEach(async () => {
  world = await newWorld({ tools: researchTools });
  handle = fieldsOf(await world.call('start_research_task', { topic: 'wax' })).handle;
});

describe('a handle with other characters around it', () => {
  it.each(['"', "'", '`', '```', ' ', '\n', '\u200b', '\ufeff', '\\"', '“'])('is accepted if these characters are %j', async (around) => {
    for (const copy of [`${around}${handle}${around}`, `${around}${handle}`, `${handle}${around}`, ` <${handle}>\n`]) {
      expect(fieldsOf(await world.call('get_task_status', { handle: copy }))).toMatchObject({ handle, topic: 'wax' });
    }
    const next = fieldsOf(await world.call('record_findings', { handle: `${around}${handle}${around}`, findings: ['x'] })).handle;
    expect(fieldsOf(await world.call('get_task_status', { handle: next }))).toMatchObject({ results: ['x'] });
  });

  it('is refused if other characters are inside the handle, or if a second handle follows', async () => {
    for (const copy of [`${handle.slice(0, 90)} ${handle.slice(90)}`, `${handle} ${handle}`, `x${handle}`, `${handle}x`, '" "', '']) {
      expect(codeOf(await world.call('get_task_status', { handle: copy }))).toMatch(/malformed|rejected/);
    }
  });
});
