/**
 * A tool as data: its definition, as clients list it, and a handler from (state, input, call) to (next state, what to
 * say). The handler never sees a handle, a key or a claim; handles that are not good never reach it.
 */
import type { ScopeChallengeHandler } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Asking, Call, Saying, TaskCall, Update } from './call.ts';
import { handlesAmong } from './handle-argument.ts';
import { type Kind, lifetimeInWords, type Takes } from './kind.ts';
import {
  type Fields,
  inputSchema,
  type JsonSchema,
  mirrorsArguments,
  type NoFields,
  outputSchema,
  schemaOf,
  type Values,
} from './schema.ts';

/** A tool's entry in `tools/list` (MCP 2026-07-28, server/tools). */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations: ToolAnnotations;
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** What clients may believe of a tool (MCP 2026-07-28, server/tools, "ToolAnnotations"). */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/**
 * What a tool does with the handle of a task: `create` issues its first; `read` takes one, and issues none; `update`
 * issues the next; `end` the last, in which it may use the room that others must leave for it; `delegate` one with
 * fewer rights. A `plain` tool has nothing to do with any.
 */
export type Role = 'create' | 'read' | 'update' | 'end' | 'delegate' | 'plain';

/** Whether tools of a role are called with a task's handle. */
export function takesHandle(role: Role): boolean {
  return role !== 'create' && role !== 'plain';
}

/** A tool, ready to be called. Made by {@link createTool}, {@link readTool}, {@link updateTool}, {@link endTool} and {@link plainTool}. */
export interface Tool {
  readonly definition: ToolDefinition;
  /** The kind of handle that it takes or starts, or the kinds of which it takes any. */
  readonly takes: Takes<unknown>;
  readonly role: Role;
  readonly input: z.ZodObject;
  /** Whether arguments must be just what the schema says. */
  readonly strict: boolean;
  readonly scopeChallenge: ScopeChallengeHandler | undefined;
  /** Whether some of its arguments stand in headers, too. */
  readonly mirrors: boolean;
  /** The structured content beside `handle` and `handle_info`. */
  readonly output: z.ZodObject;
  /** The arguments beside `handle` that are handles, too. */
  readonly handles: ReadonlyMap<string, Takes<unknown>>;
  /** The handler; one that gets no state passes it over. */
  run(state: unknown, input: Record<string, unknown>, call: Call): Awaitable<ToolOutcome>;
}

/** What a handler gives, whichever it is. */
export type ToolOutcome = (Saying<object> & { readonly state?: unknown }) | Asking;

/** What a tool is beside its name and its handler, as the SDK's `registerTool` has it. */
export interface ToolConfig<Input extends Fields, Output extends Fields> {
  /** For people. */
  readonly title?: string;
  /** For the model, in few words; its first sentence is what a search shows. Behind that of a tool that starts a task stands when the task expires. */
  readonly description: string;
  /** The arguments beside `handle`: a `z.object`, or its fields. Default: none. */
  readonly inputSchema?: Input;
  /** The structured content beside `handle` and `handle_info`: a `z.object`, or its fields. Default: none. */
  readonly outputSchema?: Output;
  /**
   * What is otherwise than by default. A tool that reads a task only reads (`readOnlyHint`); any other of a task changes
   * nothing that there was, for handles stay good (`destructiveHint: false`), and none goes anywhere (`openWorldHint: false`).
   * Of a plain one MCP's own defaults stand, the worst. Say so where a handler does things in the world.
   */
  readonly annotations?: ToolAnnotations;
  /** For clients that know what it means (MCP 2026-07-28, basic, "_meta"). */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /**
   * The scopes that its callers need beside those that the deployment demands of all: `requireScopes('files:write')`. A
   * caller that lacks them is told which (HTTP 403, `insufficient_scope`), and gets a token that has them. All callers
   * see the tool listed. Where nobody is asked for a token, nothing is demanded.
   */
  readonly scopeChallenge?: ScopeChallengeHandler;
  /**
   * Refuses arguments that are not just what the schema says. Otherwise members that nobody declared are ignored, `null`
   * for an optional argument is absent, and a string may hold an array, a number, a boolean or an object as JSON.
   * Default: true for a `z.strictObject`, else false.
   */
  readonly strict?: boolean;
}

type Awaitable<T> = T | Promise<T>;

type Says<Output extends Fields> = Awaitable<(Saying<Values<Output>> & { readonly state?: never }) | Asking>;
type Updates<State, Output extends Fields> = Awaitable<Update<State, Values<Output>> | Asking>;

// Handlers stand in NoInfer, so that the compiler takes state, input and output from what is declared, and has them when
// it reads the handler: authors write no type and no cast.

/**
 * A tool that starts a task. Its handler gets the input and gives the first state.
 *
 * @throws {TypeError} where the declaration is wrong, with what to do; so do the other forms
 */
export function createTool<State, Input extends Fields = NoFields, Output extends Fields = NoFields>(
  kind: Kind<State>,
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(input: Values<Input>, call: Call) => Updates<State, Output>>,
): Tool {
  return declareTool('create', kind, name, config, handler);
}

/** A tool that reads a task. Its handler gets the state and says something of it; the handle stays as it is. */
export function readTool<State, Input extends Fields = NoFields, Output extends Fields = NoFields>(
  takes: Takes<State>,
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(state: State, input: Values<Input>, call: TaskCall) => Says<Output>>,
): Tool {
  return declareTool('read', takes, name, config, handler);
}

/** A tool that moves a task on. Its handler gets the state and gives the next one, which a new handle carries. */
export function updateTool<State, Input extends Fields = NoFields, Output extends Fields = NoFields>(
  takes: Takes<State>,
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(state: State, input: Values<Input>, call: TaskCall) => Updates<State, Output>>,
): Tool {
  return declareTool('update', takes, name, config, handler);
}

/** A tool that ends a task: like {@link updateTool}, with room in its last handle that no other may take. */
export function endTool<State, Input extends Fields = NoFields, Output extends Fields = NoFields>(
  takes: Takes<State>,
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(state: State, input: Values<Input>, call: TaskCall) => Updates<State, Output>>,
): Tool {
  return declareTool('end', takes, name, config, handler);
}

/** A tool that has nothing to do with any task. Its handler gets the input and says something. */
export function plainTool<Input extends Fields = NoFields, Output extends Fields = NoFields>(
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(input: Values<Input>, call: Call) => Says<Output>>,
): Tool {
  return declareTool('plain', NO_KIND, name, config, handler);
}

const NO_KIND: Takes<unknown> = { kinds: [], readers: new Map() };

/** Of any role: whoever declares it knows the types. */
type Handler = (...given: never[]) => Awaitable<ToolOutcome>;

/** A tool of any role. */
export function declareTool(role: Role, takes: Takes<unknown>, name: string, config: ToolConfig<Fields, Fields>, handler: Handler): Tool {
  requireDeclaration(takes, name, config, handler);
  const {
    title,
    description,
    inputSchema: given,
    outputSchema: said,
    annotations = {},
    _meta,
    scopeChallenge,
    strict = isStrict(given),
  } = config;
  const input = schemaOf(`${name}: inputSchema`, given);
  const output = schemaOf(`${name}: outputSchema`, said);
  requireOwnFields(name, input, output);
  const definition = {
    name,
    ...(title !== undefined && { title }),
    description: role === 'create' ? withExpiry(description, takes as Kind) : description,
    inputSchema: inputSchema(input, takesHandle(role)),
    ...((role !== 'plain' || said !== undefined) && { outputSchema: outputSchema(output, role !== 'plain') }),
    annotations: annotationsOf(role, annotations),
    ...(_meta !== undefined && { _meta }),
  };
  const run = (takesHandle(role) ? handler : (_none: never, ...given: never[]) => handler(...given)) as Tool['run'];
  const mirrors = mirrorsArguments(`${name}: inputSchema`, definition.inputSchema);
  return { definition, takes, role, strict, scopeChallenge, mirrors, input, output, handles: handlesAmong(input.shape), run };
}

/** A model that is told too late has worked for nothing, and authors forget it. */
function withExpiry(description: string, kind: Kind): string {
  const expiry = `The task expires after ${lifetimeInWords(kind)}.`;
  return description === '' ? expiry : `${description}${/[.!?]$/.test(description) ? '' : '.'} ${expiry}`;
}

/** By what tools of a role do with the task; of what a plain one does nothing is known. */
function annotationsOf(role: Role, given: ToolAnnotations): ToolAnnotations {
  const { readOnlyHint = role === 'read', destructiveHint = role === 'plain' || role === 'read', openWorldHint = role === 'plain' } = given;
  // Of what only reads MCP asks no more.
  return { ...given, readOnlyHint, ...(!readOnlyHint && { destructiveHint }), openWorldHint };
}

/** Whoever says `z.strictObject` means it. */
function isStrict(declared: Fields | undefined): boolean {
  return declared instanceof z.ZodObject && declared.def.catchall instanceof z.ZodNever;
}

/** MCP 2026-07-28, server/tools, "Tool Names". */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** All that a configuration can have: any other member would be passed over, and the tool be another than was meant. */
const MEMBERS = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations', '_meta', 'scopeChallenge', 'strict'];
const HINTS = ['title', 'readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];

function requireDeclaration(takes: unknown, name: unknown, config: unknown, handler: unknown): void {
  if (typeof takes !== 'object' || takes === null || !('readers' in takes)) {
    throw new TypeError('a tool is declared with its kind first, then its name: createTool(kind, name, config, handler)');
  }
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new TypeError(`${JSON.stringify(name)} cannot name a tool: 1 to 128 letters, digits, "_", "-" and "." can`);
  }
  if (name === 'read') throw new TypeError('a tool cannot be named "read": that is the right to all tools that only read');
  const { description, annotations = {} } = (config ?? {}) as { description?: unknown; annotations?: object };
  if (typeof description !== 'string')
    throw new TypeError(`${name}: description is missing: it tells the model, in few words, what the tool does`);
  requireKnown(`${name}: a tool has`, config as object, MEMBERS);
  requireKnown(`${name}: annotations have`, annotations, HINTS);
  for (const [hint, value] of Object.entries(annotations)) {
    const type = hint === 'title' ? 'string' : 'boolean';
    if (value !== undefined && typeof value !== type)
      throw new TypeError(`${name}: ${hint} is ${type === 'string' ? 'a text' : 'true or false'}`);
  }
  if (typeof handler !== 'function') throw new TypeError(`${name}: the handler is missing: a function, behind the configuration`);
}

function requireKnown(where: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).filter((member) => !known.includes(member));
  if (unknown.length > 0) throw new TypeError(`${where} no ${unknown.join(', ')}; there can be ${known.join(', ')}`);
}

/** What the kit says itself is not a tool's to name. */
function requireOwnFields(name: string, input: z.ZodObject, output: z.ZodObject): void {
  const taken = ['handle', 'handle_info', 'error'].filter((field) => field in input.shape || field in output.shape);
  if (taken.length > 0) throw new TypeError(`${name}: the fields ${taken.join(', ')} are the kit's own`);
}
