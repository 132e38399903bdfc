import { beforeEach, describe, expect, it } from 'vitest';
import { researchTools } from '../../../src/research/index.ts';
import { newWorld, type World } from '../support.ts';
import { callOn, many, serverIn } from './support.ts';

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

const serve = serverIn(() => world);

describe('a tool that does not exist', () => {
  it('leads to an error that names similar tools', async () => {
    const wire = serve(researchTools, { list: 'search' });
    for (const finder of ['describe_tool', 'call_tool']) {
      const { result } = await callOn(wire, finder, { name: 'record_finding' });
      expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: 'unknown_tool' } } });
      expect(result.content[0].text).toMatch(/^There is no tool "record_finding"\. Did you mean record_findings or /);
      for (const name of ['xyz', '', '__proto__', 'toString', 'call_tool', 'search_tools']) {
        expect((await callOn(wire, finder, { name })).result.structuredContent).toEqual({
          error: { code: 'unknown_tool', message: expect.any(String) },
        });
      }
      expect((await callOn(wire, finder, { name: 'x'.repeat(129) })).result.structuredContent.error.code).toBe('invalid_arguments');
    }
  });

  it('causes a protocol error if the client calls it directly', async () => {
    const { error } = await callOn(serve(researchTools, { list: 'search' }), 'xyz'.repeat(1000), {});
    expect(error?.code).toBe(-32_602);
    expect(error?.message).toMatch(/^Unknown tool: (xyz)+x?y?\. This server has: search_tools, describe_tool, call_tool$/);
    expect(error?.message.length).toBeLessThan(250);
    expect((await callOn(serve(many, { list: 'all' }), 'nope', {})).error?.message.length).toBeLessThan(1000);
  });
});
