/** The research tools in an environment whose clock and ring the test holds. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { generateRing, parseRing, type Ring, type RingDocument, toText } from '../../src/keys/index.ts';
import { type Caller, type CallRecord, callTool, type Environment, type Tool, toolset } from '../../src/kit/index.ts';
import { researchTools } from '../../src/research/index.ts';

/** 2026-07-28, noon. */
export const NOW = 1_785_240_000;

/** What a test may change while tools run. */
export interface World {
  now: number;
  ring: Ring;
  readonly environment: Environment;
  /** What was reported, call by call. */
  readonly records: CallRecord[];
  /** Calls a tool as a client does. */
  call(name: string, args: unknown, caller?: Caller): Promise<CallToolResult>;
}

export async function ringOf(document: RingDocument): Promise<Ring> {
  return parseRing(toText(document));
}

export async function newWorld({
  tools = researchTools,
  ...limits
}: {
  tools?: readonly Tool[];
  maxLength?: number;
  audience?: string;
} = {}): Promise<World> {
  const set = toolset(tools);
  const world: World = {
    now: NOW,
    ring: await ringOf(await generateRing(NOW)),
    records: [],
    environment: { ...limits, ring: () => world.ring, now: () => world.now, onCall: (record) => world.records.push(record) },
    call: async (name, args, caller) => {
      const tool = set.byName.get(name);
      if (tool === undefined) throw new Error(`no tool ${name}`);
      return callTool(set, tool, args, world.environment, caller);
    },
  };
  return world;
}

/** The structured content of a result: fields by name. */
export function fieldsOf(result: CallToolResult): Record<string, unknown> & { handle: string } {
  return result.structuredContent as Record<string, unknown> & { handle: string };
}

/** What a model reads of a result. */
export function textOf(result: CallToolResult): string {
  return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

/** The code of an execution error; undefined where the call went through. */
export function codeOf(result: CallToolResult): string | undefined {
  return result.isError ? (result.structuredContent as { error: { code: string } }).error.code : undefined;
}
