/** Runs tools in an environment whose clock and ring a test can change. The research tools are the default. */
import { type CallToolResult, type InputRequiredResult, isInputRequiredResult } from '@modelcontextprotocol/server';
import { authenticate, type Claims, type Principal, type Revision, seal } from '../../src/handle/index.ts';
import { generateRing, mintingKey, openingKey, parseRing, type Ring, type RingDocument, toText } from '../../src/keys/index.ts';
import {
  type CallRecord,
  callTool,
  type Environment,
  type Incoming,
  type Tool,
  type ToolsetOptions,
  toolset,
} from '../../src/kit/index.ts';
import { researchTools } from '../../src/research/index.ts';

/** Noon of 2026-07-28 (UTC), in seconds since 1970. */
export const NOW = 1_785_240_000;

export interface World {
  now: number;
  ring: Ring;
  readonly environment: Environment;
  /** The record of each call, in order. */
  readonly records: CallRecord[];
  /** Returns the tool's result. Throws if the tool asks a question. */
  call(name: string, args: unknown, incoming?: Incoming): Promise<CallToolResult>;
  /** Returns the tool's question. Throws if the tool answers. */
  ask(name: string, args: unknown, incoming?: Incoming): Promise<InputRequiredResult>;
}

export async function ringOf(document: RingDocument): Promise<Ring> {
  return parseRing(toText(document));
}

export async function newWorld({
  tools = researchTools,
  options = {},
  ...limits
}: {
  tools?: readonly Tool[];
  options?: ToolsetOptions;
  maxLength?: number;
  audience?: string;
  notBefore?: number;
  handleIn?: 'both' | 'text' | 'structured';
} = {}): Promise<World> {
  const set = toolset(tools, options);
  const call = async (name: string, args: unknown, incoming?: Incoming) => {
    const tool = set.byName.get(name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    return callTool(set, tool, args, world.environment, incoming);
  };
  const world: World = {
    now: NOW,
    ring: await ringOf(await generateRing(NOW)),
    records: [],
    environment: { ...limits, ring: () => world.ring, now: () => world.now, onCall: (record) => world.records.push(record) },
    call: async (...given) => {
      const result = await call(...given);
      if (isInputRequiredResult(result)) throw new Error('expected a result, but the tool asked a question');
      return result;
    },
    ask: async (...given) => {
      const result = await call(...given);
      if (!isInputRequiredResult(result)) throw new Error('expected a question, but the tool returned a result');
      return result;
    },
  };
  return world;
}

/** Makes another server of a world's deployment, with the world's ring and time. */
export async function siblingOf(world: World, given: Parameters<typeof newWorld>[0]): Promise<World> {
  const sibling = await newWorld(given);
  sibling.ring = world.ring;
  sibling.now = world.now;
  return sibling;
}

export function callerNamed(subject: string): { principal: Principal } {
  return { principal: { issuer: 'https://issuer.example', subject } };
}

/** A client that can show forms to its user. */
export const FORMS = { capabilities: { elicitation: { form: {} } } };

/** The member `handle_info` of a result. */
export interface HandleInfo {
  readonly id: string;
  readonly kind: string;
  readonly revision: number;
  readonly expires_at: string;
  readonly rights?: readonly string[];
}

export function infoOf(result: CallToolResult): HandleInfo {
  return fieldsOf(result)['handle_info'] as HandleInfo;
}

/** Opens a handle as an inspector does. */
export async function inspect(world: World, handle: string): Promise<Revision> {
  const { claims } = await authenticate(handle, (kid) => openingKey(world.ring, kid, world.now));
  return { handle, claims };
}

/** Seals any claims, even if no tool would seal them. */
export async function sealed(world: World, claims: Claims): Promise<string> {
  const key = mintingKey(world.ring, world.now);
  if (key === undefined) throw new Error('expected a ring that mints');
  return seal(claims, key);
}

export function fieldsOf(result: CallToolResult): Record<string, unknown> & { handle: string } {
  return result.structuredContent as Record<string, unknown> & { handle: string };
}

export function textOf(result: CallToolResult): string {
  return result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

/** Returns the code of a tool execution error; undefined if the call succeeded. */
export function codeOf(result: CallToolResult): string | undefined {
  return result.isError ? (result.structuredContent as { error: { code: string } }).error.code : undefined;
}
