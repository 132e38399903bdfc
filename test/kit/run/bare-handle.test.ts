import { beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createTool, defineKind, handleOf, plainTool } from '../../../src/kit/index.ts';
import { researchTools } from '../../../src/research/index.ts';
import { codeOf, fieldsOf, newWorld, textOf, type World } from '../support.ts';

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

  it('is accepted in each form in which models and hosts pass on a handle', async () => {
    const quoted = `%22${handle}%22`;
    const marked = [
      `**${handle}**`,
      `(${handle})`,
      `[${handle}]`,
      `{{${handle}}}`,
      `${handle}.`,
      `${handle},`,
      `[${handle}](handle)`,
      quoted,
    ];
    const labelled = [
      `handle: ${handle}`,
      `handle=${handle}`,
      `Bearer ${handle}`,
      `${handle} (revision 2)`,
      `- ${handle}`,
      `It is ${handle}. Use it.`,
    ];
    const wrapped = [`<code>${handle}</code>`, `&quot;${handle}&quot;`, `\`\`\`text\n${handle}\n\`\`\``, `\\n${handle}\\n`];
    const twice = [`${handle}\n${handle}`, [handle, handle]];
    const json = [{ handle }, [handle], JSON.stringify({ handle, handle_info: { id: 'x' } }), JSON.stringify([handle])];
    for (const copy of [...marked, ...labelled, ...wrapped, ...twice, ...json]) {
      expect(fieldsOf(await world.call('get_task_status', { handle: copy })), JSON.stringify(copy)).toMatchObject({ handle, topic: 'wax' });
    }
  });

  it('is refused if other characters are inside the handle or touch it, or if a different handle is beside it', async () => {
    const { handle: other } = fieldsOf(await world.call('start_research_task', { topic: 'other' }));
    const two = [`${handle} ${other}`, [handle, other], { handle, other }, `old: ${handle}, new: ${other.slice(0, 90)}…`];
    const touching = [`x${handle}`, `${handle}x`, `_${handle}_`, `a.${handle}`, `${handle}.a`, `${handle}${handle}`];
    for (const copy of [...two, ...touching, `${handle.slice(0, 90)} ${handle.slice(90)}`, '" "', '', [], {}, 5]) {
      expect(codeOf(await world.call('get_task_status', { handle: copy })), JSON.stringify(copy)).toMatch(/malformed|rejected/);
    }
  });

  it('is refused quickly if it nests deep, or if very many characters are around it', async () => {
    let deep: unknown = handle;
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    expect(codeOf(await world.call('get_task_status', { handle: deep }))).toBe('malformed');
    expect(codeOf(await world.call('get_task_status', { handle: handle.slice(0, 60).repeat(20_000) }))).toBe('malformed');
  });
});

describe('a handle in an argument of its own', () => {
  it('is accepted in other text, and in JSON', async () => {
    const kind = defineKind({ name: 'pot', version: 1, schema: z.strictObject({ tea: z.string() }), lifetime: 3600 });
    const config = { description: '', inputSchema: { other: handleOf(kind) } };
    const brew = createTool(kind, 'brew', { description: '' }, () => ({ state: { tea: 'oolong' }, text: '' }));
    const taste = plainTool('taste', config, ({ other }) => ({ text: other.tea }));
    const pots = await newWorld({ tools: [brew, taste] });
    const { handle: other } = fieldsOf(await pots.call('brew', {}));
    for (const copy of [`**${other}**`, { handle: other }, [other]]) {
      expect(textOf(await pots.call('taste', { other: copy }))).toBe('oolong');
    }
  });
});
