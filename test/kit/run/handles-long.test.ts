import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, readTool, updateTool } from '../../../src/kit/index.ts';
import { fieldsOf, infoOf, newWorld, textOf } from '../support.ts';

/** Random findings, which are hard to compress. */
const findings = (count: number) => Array.from({ length: count }, () => crypto.randomUUID() + crypto.randomUUID());

describe('a handle that fills more than half of its limit', () => {
  it('comes with a warning in the text and in the structured content', async () => {
    const world = await newWorld();
    const { handle } = fieldsOf(await world.call('start_research_task', { topic: 'x' }));
    const small = await world.call('record_findings', { handle, findings: findings(10) });
    expect(textOf(small)).not.toContain('grows long');
    expect(infoOf(small)).not.toHaveProperty('warning');
    const large = await world.call('record_findings', { handle, findings: findings(80) });
    const length = fieldsOf(large).handle.length;
    const warning = `The handle grows long: it has ${length} of at most 8192 characters. Add less, or end this task with complete_research_task or cancel_research_task and continue in a new task.`;
    expect(length).toBeGreaterThan(4096);
    expect(textOf(large)).toContain(warning);
    expect(infoOf(large)).toMatchObject({ warning });
  });

  it('comes without a warning from tools that read or end a task', async () => {
    const world = await newWorld();
    const { handle } = fieldsOf(await world.call('start_research_task', { topic: 'x' }));
    const large = fieldsOf(await world.call('record_findings', { handle, findings: findings(80) })).handle;
    for (const [name, args] of [
      ['get_task_status', { handle: large }],
      ['complete_research_task', { handle: large, findings: [] }],
    ] as const) {
      const answer = await world.call(name, args);
      expect(textOf(answer)).not.toContain('grows long');
      expect(infoOf(answer)).not.toHaveProperty('warning');
    }
  });

  it('is measured against the limit of its kind, and the warning names a tool that ends the task, if the server has one', async () => {
    const note = defineKind({ name: 'note', version: 1, schema: z.strictObject({ text: z.string() }), lifetime: 60, maxLength: 3000 });
    const tools = [
      createTool(note, 'write', { description: '', inputSchema: { text: z.string() } }, ({ text }) => ({
        state: { text },
        text: 'x',
      })),
      readTool(note, 'show', { description: '' }, () => ({ text: 'x' })),
      updateTool(note, 'add', { description: '' }, (state) => ({ state, text: 'x' })),
    ];
    const world = await newWorld({ tools });
    const answer = await world.call('write', { text: 'x'.repeat(1000) });
    expect(textOf(answer)).toMatch(/it has \d+ of at most 3000 characters\. Add less, or end this task and continue in a new task\./);
  });
});
