/**
 * A tool is data: a definition, which clients list, and a handler. The handler turns a state and an input into the next
 * state and a result. It never sees a handle, a key or a claim, and runs only if every handle of the call opens.
 */
import type { ScopeChallengeHandler } from '@modelcontextprotocol/server';
import * as z from 'zod';
import {
  type Fields,
  inputSchema,
  type JsonSchema,
  mirrorsArguments,
  type NoFields,
  outputSchema,
  schemaOf,
  type Values,
} from '../values/schema.ts';
import type { Asking, Call, Saying, TaskCall, Update } from './call.ts';
import { requireDeclaration, requireOwnFields } from './declaration.ts';
import { handlesAmong } from './handle-argument.ts';
import { type Kind, lifetimeInWords, type Takes } from './kind.ts';

/** A tool's entry in `tools/list` (MCP 2026-07-28, server/tools). */
export interface ToolDefinition {
  /** The name by which clients call the tool. */
  readonly name: string;
  /** A name for people. */
  readonly title?: string;
  /** A description of what the tool does, for the model. */
  readonly description: string;
  /** The JSON Schema of the arguments. It includes `handle` if the tool takes the handle of a task. */
  readonly inputSchema: JsonSchema;
  /** The JSON Schema of the structured content. A plain tool without an output schema has none. */
  readonly outputSchema?: JsonSchema;
  /** Hints about what the tool does. */
  readonly annotations: ToolAnnotations;
  /** Metadata for clients that know its keys (MCP 2026-07-28, basic, "_meta"). */
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/**
 * Hints about what a tool does. A client may rely on them only if it trusts the server. See MCP 2026-07-28,
 * server/tools, "ToolAnnotations".
 */
export interface ToolAnnotations {
  /** A name for people. */
  readonly title?: string;
  /** True: the tool changes nothing. */
  readonly readOnlyHint?: boolean;
  /** True: the tool may destroy something. This hint has no meaning if `readOnlyHint` is true. */
  readonly destructiveHint?: boolean;
  /** True: a second call with the same arguments changes nothing more. */
  readonly idempotentHint?: boolean;
  /** True: the tool may reach systems outside the server. */
  readonly openWorldHint?: boolean;
}

/**
 * What a tool does with the handle of a task.
 *
 * - `create` issues the first handle of a task.
 * - `read` takes a handle and issues none.
 * - `update` takes a handle and issues the next.
 * - `end` takes a handle and issues the last, which may be longer than others.
 * - `delegate` takes a handle and issues one with fewer rights.
 * - `plain` neither takes nor issues a handle.
 */
export type Role = 'create' | 'read' | 'update' | 'end' | 'delegate' | 'plain';

export function takesHandle(role: Role): boolean {
  return role !== 'create' && role !== 'plain';
}

/**
 * A tool that is ready to be called. To make one, call {@link createTool}, {@link readTool}, {@link updateTool},
 * {@link endTool} or {@link plainTool}.
 */
export interface Tool {
  /** The tool's entry in `tools/list`. */
  readonly definition: ToolDefinition;
  /** The kind or kinds of the handles that the tool takes or issues. */
  readonly takes: Takes<unknown>;
  /** What the tool does with the handle of a task. */
  readonly role: Role;
  /** The schema of the arguments, without `handle`. */
  readonly input: z.ZodObject;
  /** Whether the arguments must match the schema exactly. */
  readonly strict: boolean;
  /** Finds the scopes that a caller lacks. Undefined: the tool demands no scopes of its own. */
  readonly scopeChallenge: ScopeChallengeHandler | undefined;
  /** Whether clients must repeat some of the arguments in HTTP headers. */
  readonly mirrors: boolean;
  /** The schema of the structured content, without `handle` and `handle_info`. */
  readonly output: z.ZodObject;
  /** The other arguments that are handles. Each name leads to the kinds that the argument takes. */
  readonly handles: ReadonlyMap<string, Takes<unknown>>;
  /** Calls the handler. The handler of a `create` or `plain` tool gets no state. */
  run(state: unknown, input: Record<string, unknown>, call: Call): Awaitable<ToolOutcome>;
}

/** The value that a handler of any role returns. */
export type ToolOutcome = (Saying<object> & { readonly state?: unknown }) | Asking;

/** The configuration of a tool. Most members are those of the SDK's `registerTool`. */
export interface ToolConfig<Input extends Fields, Output extends Fields> {
  /** A name for people. */
  readonly title?: string;
  /**
   * What the tool does, in a few words, for the model. `search_tools` shows only the first sentence. If the tool starts
   * a task, the kit adds a sentence that says when the task expires.
   */
  readonly description: string;
  /** The arguments, without `handle`: a `z.object` or its fields. Default: no arguments. */
  readonly inputSchema?: Input;
  /** The structured content, without `handle` and `handle_info`: a `z.object` or its fields. Default: no fields. */
  readonly outputSchema?: Output;
  /**
   * Hints that replace the kit's defaults. The defaults depend on the tool's role:
   *
   * - `read`: `readOnlyHint: true` and `openWorldHint: false`.
   * - `create`, `update`, `end`: `destructiveHint: false` and `openWorldHint: false`. They destroy nothing, because the
   *   passed handle stays valid.
   * - `plain`: the defaults of MCP, which assume that the tool can do anything.
   *
   * Declare your own hints if the handler acts outside the task. For example, it may send a message or place an order.
   */
  readonly annotations?: ToolAnnotations;
  /** Metadata for clients that know its keys (MCP 2026-07-28, basic, "_meta"). */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /**
   * Demands additional scopes for this tool, for example `requireScopes('files:write')`.
   *
   * - A caller whose token lacks the scopes gets HTTP 403 with `insufficient_scope` and the names of the scopes. The
   *   caller can then request a token with these scopes.
   * - Every caller sees the tool in the list.
   * - A server without authorization demands no scopes.
   */
  readonly scopeChallenge?: ScopeChallengeHandler;
  /**
   * Whether the arguments must match the schema exactly. Default: true for a `z.strictObject`, otherwise false. If
   * false, the kit is tolerant:
   *
   * - It finds an argument whose name has another spelling, such as `Depth` for `depth`, or that is inside an object
   *   such as `input`.
   * - It ignores undeclared arguments.
   * - It ignores an optional argument that is `null`, or an empty string that the schema refuses.
   * - It reads a value of the wrong type if its meaning is plain, such as a string of JSON where the schema expects an
   *   array, or a number where it expects a string.
   */
  readonly strict?: boolean;
}

type Awaitable<T> = T | Promise<T>;

type Says<Output extends Fields> = Awaitable<(Saying<Values<Output>> & { readonly state?: never }) | Asking>;
type Updates<State, Output extends Fields> = Awaitable<Update<State, Values<Output>> | Asking>;

// `NoInfer` keeps the types of a handler out of inference. The compiler infers types from the kind and the schemas
// alone, so handlers need no type annotations and no casts.

/**
 * Declares a tool that starts a task. The handler gets the input and returns the first state.
 *
 * @throws {TypeError} the declaration is wrong; the message says what to do
 *
 * @example
 * ```ts
 * import { createTool, defineKind } from 'waxseal';
 * import * as z from 'zod';
 *
 * const counter = defineKind({ name: 'counter', version: 1, schema: z.strictObject({ count: z.int() }), lifetime: 3600 });
 *
 * const start = createTool(counter, 'start_counter', { description: 'Starts a counter.', inputSchema: { at: z.int() } }, ({ at }) => ({
 *   state: { count: at },
 *   text: `The counter is at ${at}.`,
 * }));
 * ```
 */
export function createTool<State, Input extends Fields = NoFields, Output extends Fields = NoFields>(
  kind: Kind<State>,
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(input: Values<Input>, call: Call) => Updates<State, Output>>,
): Tool {
  return declareTool('create', kind, name, config, handler);
}

/**
 * Declares a tool that reads a task. The handler gets the state and the input. The tool issues no handle.
 *
 * @throws {TypeError} the declaration is wrong; the message says what to do
 *
 * @example
 * ```ts
 * import { defineKind, readTool } from 'waxseal';
 * import * as z from 'zod';
 *
 * const counter = defineKind({ name: 'counter', version: 1, schema: z.strictObject({ count: z.int() }), lifetime: 3600 });
 *
 * const show = readTool(
 *   counter,
 *   'show_counter',
 *   { description: 'Shows a counter.', outputSchema: { count: z.int() } },
 *   ({ count }) => ({ structuredContent: { count }, text: `The counter is at ${count}.` }),
 * );
 * ```
 */
export function readTool<State, Input extends Fields = NoFields, Output extends Fields = NoFields>(
  takes: Takes<State>,
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(state: State, input: Values<Input>, call: TaskCall) => Says<Output>>,
): Tool {
  return declareTool('read', takes, name, config, handler);
}

/**
 * Declares a tool that changes a task. The handler gets the state and the input, and returns the next state.
 *
 * @throws {TypeError} the declaration is wrong; the message says what to do
 *
 * @example
 * ```ts
 * import { defineKind, updateTool } from 'waxseal';
 * import * as z from 'zod';
 *
 * const counter = defineKind({ name: 'counter', version: 1, schema: z.strictObject({ count: z.int() }), lifetime: 3600 });
 *
 * const add = updateTool(
 *   counter,
 *   'add',
 *   { description: 'Adds to a counter.', inputSchema: { by: z.int() } },
 *   ({ count }, { by }) => ({ state: { count: count + by }, text: `The counter is at ${count + by}.` }),
 * );
 * ```
 */
export function updateTool<State, Input extends Fields = NoFields, Output extends Fields = NoFields>(
  takes: Takes<State>,
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(state: State, input: Values<Input>, call: TaskCall) => Updates<State, Output>>,
): Tool {
  return declareTool('update', takes, name, config, handler);
}

/**
 * Declares a tool that ends a task. It works like {@link updateTool}, but may issue a handle that is 1,024 characters
 * longer. So a task can end even if its handle has reached the limit.
 *
 * All handles of an ended task still open until they expire. Record the end in the state, and refuse calls with that
 * state in your other tools.
 *
 * @throws {TypeError} the declaration is wrong; the message says what to do
 *
 * @example
 * ```ts
 * import { defineKind, endTool, ToolRefusal } from 'waxseal';
 * import * as z from 'zod';
 *
 * const schema = z.strictObject({ count: z.int(), closed: z.boolean() });
 * const counter = defineKind({ name: 'counter', version: 1, schema, lifetime: 3600 });
 *
 * const close = endTool(counter, 'close_counter', { description: 'Closes a counter.' }, (before) => {
 *   if (before.closed) throw new ToolRefusal('closed', 'This counter is closed. start_counter starts another.');
 *   return { state: { ...before, closed: true }, text: `Closed at ${before.count}.` };
 * });
 * ```
 */
export function endTool<State, Input extends Fields = NoFields, Output extends Fields = NoFields>(
  takes: Takes<State>,
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(state: State, input: Values<Input>, call: TaskCall) => Updates<State, Output>>,
): Tool {
  return declareTool('end', takes, name, config, handler);
}

/**
 * Declares a tool that neither takes nor issues a handle.
 *
 * @throws {TypeError} the declaration is wrong; the message says what to do
 *
 * @example
 * ```ts
 * import { plainTool } from 'waxseal';
 * import * as z from 'zod';
 *
 * const convert = plainTool(
 *   'to_cents',
 *   { description: 'Converts euros to cents.', inputSchema: { euros: z.number() }, annotations: { readOnlyHint: true } },
 *   ({ euros }) => ({ text: `${Math.round(euros * 100)} cents` }),
 * );
 * ```
 */
export function plainTool<Input extends Fields = NoFields, Output extends Fields = NoFields>(
  name: string,
  config: ToolConfig<Input, Output>,
  handler: NoInfer<(input: Values<Input>, call: Call) => Says<Output>>,
): Tool {
  return declareTool('plain', NO_KIND, name, config, handler);
}

const NO_KIND: Takes<unknown> = { kinds: [], readers: new Map() };

/**
 * A handler of any role. The compiler has checked its types where the author calls `createTool`, `readTool` and so on.
 */
type Handler = (...given: never[]) => Awaitable<ToolOutcome>;

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
    inputSchema: inputSchema(`${name}: inputSchema`, input, takesHandle(role)),
    ...((role !== 'plain' || said !== undefined) && { outputSchema: outputSchema(`${name}: outputSchema`, output, role !== 'plain') }),
    annotations: annotationsOf(role, annotations),
    ...(_meta !== undefined && { _meta }),
  };
  const run = (takesHandle(role) ? handler : (_none: never, ...given: never[]) => handler(...given)) as Tool['run'];
  const mirrors = mirrorsArguments(`${name}: inputSchema`, definition.inputSchema);
  return { definition, takes, role, strict, scopeChallenge, mirrors, input, output, handles: handlesAmong(input.shape), run };
}

/**
 * Adds a sentence that says when the task expires. Authors forget such a sentence, and a model that learns of the
 * expiry too late has worked for nothing.
 */
function withExpiry(description: string, kind: Kind): string {
  const expiry = `The task expires after ${lifetimeInWords(kind)}.`;
  return description === '' ? expiry : `${description}${/[.!?]$/.test(description) ? '' : '.'} ${expiry}`;
}

/** Adds the defaults of the role. The kit does not know what a plain tool does, so it assumes the worst. */
function annotationsOf(role: Role, given: ToolAnnotations): ToolAnnotations {
  const { readOnlyHint = role === 'read', destructiveHint = role === 'plain' || role === 'read', openWorldHint = role === 'plain' } = given;
  // MCP gives `destructiveHint` no meaning for a tool that only reads.
  return { ...given, readOnlyHint, ...(!readOnlyHint && { destructiveHint }), openWorldHint };
}

function isStrict(declared: Fields | undefined): boolean {
  return declared instanceof z.ZodObject && declared.def.catchall instanceof z.ZodNever;
}
