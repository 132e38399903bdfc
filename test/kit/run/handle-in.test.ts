import { describe, expect, it } from 'vitest';
import { toolset } from '../../../src/kit/index.ts';
import { definitionsIn } from '../../../src/kit/mcp/definitions.ts';
import { researchTools } from '../../../src/research/index.ts';
import { newWorld, textOf } from '../support.ts';

describe('where answers say the handle', () => {
  it.each([
    ['both', true, true],
    ['text', true, false],
    ['structured', false, true],
  ] as const)('%s', async (handleIn, inText, inStructured) => {
    const world = await newWorld({ handleIn });
    const result = await world.call('start_research_task', { topic: 'wax' });
    expect(/eyJ/.test(textOf(result))).toBe(inText);
    expect('handle' in (result.structuredContent as object)).toBe(inStructured);
    expect(result.structuredContent).toMatchObject({ status: 'running', handle_info: { revision: 1 } });
  });

  it('is what the output schemas ask for, or there are none', () => {
    const tools = toolset(researchTools);
    const asking = (handleIn: 'both' | 'text' | 'structured') =>
      definitionsIn(tools, { ring: () => Promise.reject() as never, now: () => 0, handleIn }).filter(({ outputSchema }) => outputSchema);
    expect(asking('text')).toEqual([]);
    for (const view of ['both', 'structured'] as const) expect(asking(view)).toHaveLength(tools.definitions.length);
  });
});
