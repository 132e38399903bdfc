import * as z from 'zod';
import { createTool, defineKind, readTool, serverOf, type Tool, type ToolsetOptions, toolset, updateTool } from '../../../src/kit/index.ts';
import type { Message } from '../../support/mcp.ts';
import type { World } from '../support.ts';
import { type Extras, rawCall, serving, type Wire } from '../wire.ts';

/** 500 tools of 100 kinds, as on a large server. */
export const many: Tool[] = Array.from({ length: 100 }, (_, n) => {
  const kind = defineKind({ name: `family${n}`, version: 1, schema: z.strictObject({ n: z.int() }), lifetime: 60 });
  const inputSchema = { amount: z.number().min(0).max(1000), note: z.string().max(200).optional() };
  return ['start', 'change', 'adjust', 'settle', 'show'].map((verb) => {
    const name = `${verb}_family_${n}`;
    const config = { description: `Does ${verb} with family ${n}. More of it is said here.`, inputSchema };
    if (verb === 'start') return createTool(kind, name, config, () => ({ state: { n }, text: 'x' }));
    if (verb === 'show') return readTool(kind, name, config, () => ({ text: 'x' }));
    return updateTool(kind, name, config, (state) => ({ state, text: 'x' }));
  });
}).flat();

export async function callOn(wire: Wire, name: string, args: unknown, extras: Extras = {}): Promise<Message> {
  return (await wire.send(rawCall(name, args, extras))).message;
}

/** Calls a finder and returns the text of its result. */
export async function said(wire: Wire, name: string, args: unknown): Promise<string> {
  const { result } = await callOn(wire, name, args);
  return result.content[0].text as string;
}

export function serverIn(world: () => World): (tools: readonly Tool[], options: ToolsetOptions) => Wire {
  return (tools, options) => {
    const set = toolset(tools, options);
    return serving(() => serverOf(set, world().environment, { name: 'waxseal-test', version: '1.0.0' }));
  };
}
