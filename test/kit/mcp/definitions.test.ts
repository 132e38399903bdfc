import { describe, expect, it } from 'vitest';
import { toolset } from '../../../src/kit/index.ts';
import { definitionsIn } from '../../../src/kit/mcp/definitions.ts';
import { researchTools } from '../../../src/research/index.ts';

describe('the option handleIn', () => {
  it.each([
    ['both', true],
    ['text', false],
    ['structured', true],
  ] as const)('decides whether output schemas require the handle, and removes no schema: handleIn is %s', (handleIn, asked) => {
    const environment = { ring: () => Promise.reject() as never, now: () => 0, handleIn };
    for (const { name, outputSchema } of definitionsIn(toolset(researchTools), environment)) {
      expect(outputSchema, name).toMatchObject({ type: 'object' });
      expect(/"handle"/.test(JSON.stringify(outputSchema)), name).toBe(asked);
    }
  });
});
