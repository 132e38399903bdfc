/** The research tools in an environment whose clock and ring the test holds. */
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

/** 2026-07-28, noon. */
export const NOW = 1_785_240_000;

/** What a test may change while tools run. */
export interface World {
  now: number;
  ring: Ring;
  readonly environment: Environment;
  /** What was reported, call by call. */
  readonly records: CallRecord[];
  /** Calls a tool as a client does, and gets its answer. */
  call(name: string, args: unknown, incoming?: Incoming): Promise<CallToolResult>;
  /** Calls a tool that is to ask something first. */
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
      if (isInputRequiredResult(result)) throw new Error('expected an answer, but was asked');
      return result;
    },
    ask: async (...given) => {
      const result = await call(...given);
      if (!isInputRequiredResult(result)) throw new Error('expected to be asked, but was answered');
      return result;
    },
  };
  return world;
}

/** Another server of the same deployment, with other tools: same ring, same clock. */
export async function siblingOf(world: World, given: Parameters<typeof newWorld>[0]): Promise<World> {
  const sibling = await newWorld(given);
  sibling.ring = world.ring;
  sibling.now = world.now;
  return sibling;
}

/** Somebody whom an issuer vouches for. */
export function callerNamed(subject: string): { principal: Principal } {
  return { principal: { issuer: 'https://issuer.example', subject } };
}

/** A client that shows forms to its user. */
export const FORMS = { capabilities: { elicitation: { form: {} } } };

/** What stands in an answer beside a handle. */
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

/** An authentic handle and its claims, as an inspector sees them. */
export async function inspect(world: World, handle: string): Promise<Revision> {
  const { claims } = await authenticate(handle, (kid) => openingKey(world.ring, kid, world.now));
  return { handle, claims };
}

/** Seals a handle that no tool would issue, or not now. */
export async function sealed(world: World, claims: Claims): Promise<string> {
  const key = mintingKey(world.ring, world.now);
  if (key === undefined) throw new Error('the ring mints');
  return seal(claims, key);
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
