/**
 * A tool as data: its definition, as clients list it, and a function from (state, input, call) to (next state,
 * what to say). The function never sees a handle, a key or a claim; handles that are not good never reach it.
 */
import type { InputRequests } from '@modelcontextprotocol/server';
import * as z from 'zod';
import type { Call, TaskCall } from './call.ts';
import { handlesAmong } from './handle-argument.ts';
import type { Kind, Takes } from './kind.ts';
import { inputSchema, type JsonSchema, outputSchema } from './schema.ts';

/** A tool's entry in `tools/list` (MCP 2026-07-28, server/tools). */
export interface ToolDefinition {
  readonly name: string;
  readonly title?: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations: ToolAnnotations;
}

/** Where a hint has MCP's default it is left out: definitions are paid for by the character. */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** What a tool's function says: text for a reader and, where the tool declares output, fields for a program. */
export type Saying<Output> = { readonly text: string } & (NoFields extends Output
  ? { readonly result?: Output }
  : { readonly result: Output });

/** The same, with the state that the next handle is to carry. */
export type Update<State, Output> = Saying<Output> & { readonly state: State };

/** What a function gives that must be told something first. Made by {@link ask}. */
export interface Asking {
  readonly asks: InputRequests;
  readonly remember: unknown;
}

/**
 * Asks the client before the call goes on (MCP 2026-07-28, basic/patterns/mrtr). The client calls again with the same
 * arguments; the function then finds the answers, and what it wanted remembered, in its {@link Call}. Look at
 * `call.capabilities` first: not every client can be asked.
 *
 * @param requests by keys of your own; the SDK's `inputRequired.elicit` and its siblings make them
 * @param remember any JSON. It travels sealed: bound to the caller, the tool and its arguments, for ten minutes.
 *   Absent: nothing is remembered, and answers count from whoever sends them.
 */
export function ask(requests: InputRequests, remember?: unknown): Asking {
  return { asks: requests, remember };
}

/**
 * What a tool does with the handle of a task: `create` issues its first; `read` takes one, and issues none; `update`
 * issues the next; `end` the last, in which it may use the room that others must leave for it; `delegate` one with
 * fewer rights.
 */
export type Role = 'create' | 'read' | 'update' | 'end' | 'delegate';

/** A tool, ready to be called. Made by {@link createTool}, {@link readTool}, {@link updateTool} and {@link endTool}. */
export interface Tool {
  readonly definition: ToolDefinition;
  /** The kind of handle that it takes or starts, or the kinds of which it takes any. */
  readonly takes: Takes<unknown>;
  readonly role: Role;
  readonly input: z.ZodObject;
  /** Whether arguments must be just what the schema says. */
  readonly strict: boolean;
  /** The result fields beside `handle` and `handle_info`. */
  readonly output: z.ZodObject;
  /** The arguments beside `handle` that are handles, too. */
  readonly handles: ReadonlyMap<string, Takes<unknown>>;
  run(state: unknown, input: Record<string, unknown>, call: Call): Awaitable<ToolOutcome>;
}

/** What a tool's function gives, whichever it is. */
export type ToolOutcome = { readonly state?: unknown; readonly result?: object; readonly text: string } | Asking;

type Awaitable<T> = T | Promise<T>;

export interface ToolDeclaration<Input extends z.ZodRawShape, Output extends z.ZodRawShape> {
  /** 1 to 128 letters, digits, `_`, `-`, `.`. */
  readonly name: string;
  /** For people. */
  readonly title?: string;
  /** For the model, in few words; its first sentence is what a search shows. */
  readonly description: string;
  /** The arguments beside `handle`. Default: none. */
  readonly input?: Input;
  /** The result fields beside `handle` and `handle_info`. Default: none. */
  readonly output?: Output;
  /**
   * Refuses arguments that are not just what the schema says. Default: false; then members that nobody declared are
   * ignored, `null` for an optional argument is absent, and a string may hold an array, a number, a boolean or an object as JSON.
   */
  readonly strict?: boolean;
}

type NoFields = Record<never, never>;

type Values<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/**
 * A declared tool that waits for its function. The function comes in a call of its own so that the compiler knows
 * the state, the input and the output when it reads it: authors write no type and no cast.
 */
export interface DeclaredTool<Run> {
  does(run: Run): Tool;
}

type Creates<State, Input extends z.ZodRawShape, Output extends z.ZodRawShape> = (
  input: Values<Input>,
  call: Call,
) => Awaitable<Update<State, Values<Output>> | Asking>;

type Reads<State, Input extends z.ZodRawShape, Output extends z.ZodRawShape> = (
  state: State,
  input: Values<Input>,
  call: TaskCall,
) => Awaitable<Saying<Values<Output>> | Asking>;

type Changes<State, Input extends z.ZodRawShape, Output extends z.ZodRawShape> = (
  state: State,
  input: Values<Input>,
  call: TaskCall,
) => Awaitable<Update<State, Values<Output>> | Asking>;

/** A tool that starts a task. Its function gets the input and gives the first state. */
export function createTool<State, Input extends z.ZodRawShape = NoFields, Output extends z.ZodRawShape = NoFields>(
  kind: Kind<State>,
  declaration: ToolDeclaration<Input, Output>,
): DeclaredTool<Creates<State, Input, Output>> {
  const { does } = declareTool(kind, declaration, 'create');
  return { does: (run) => does((_none, input, call) => run(input as Values<Input>, call) as Awaitable<ToolOutcome>) };
}

/** A tool that reads a task. Its function gets the state and says something of it; the handle stays as it is. */
export function readTool<State, Input extends z.ZodRawShape = NoFields, Output extends z.ZodRawShape = NoFields>(
  takes: Takes<State>,
  declaration: ToolDeclaration<Input, Output>,
): DeclaredTool<Reads<State, Input, Output>> {
  return declareTool(takes, declaration, 'read') as DeclaredTool<Reads<State, Input, Output>>;
}

/** A tool that moves a task on. Its function gets the state and gives the next one, which a new handle carries. */
export function updateTool<State, Input extends z.ZodRawShape = NoFields, Output extends z.ZodRawShape = NoFields>(
  takes: Takes<State>,
  declaration: ToolDeclaration<Input, Output>,
): DeclaredTool<Changes<State, Input, Output>> {
  return declareTool(takes, declaration, 'update') as DeclaredTool<Changes<State, Input, Output>>;
}

/** A tool that ends a task: like {@link updateTool}, with room in its last handle that no other may take. */
export function endTool<State, Input extends z.ZodRawShape = NoFields, Output extends z.ZodRawShape = NoFields>(
  takes: Takes<State>,
  declaration: ToolDeclaration<Input, Output>,
): DeclaredTool<Changes<State, Input, Output>> {
  return declareTool(takes, declaration, 'end') as DeclaredTool<Changes<State, Input, Output>>;
}

/** Nothing is changed: a handle is immutable. */
const READS: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };

/** The given handle stays valid, so nothing is destroyed. */
const CHANGES: ToolAnnotations = { destructiveHint: false, openWorldHint: false };

/** MCP 2026-07-28, server/tools, "Tool Names". */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** `z.object(…)` where its fields belong is an easy mistake, since the SDK takes it so. */
function requireFields(name: string, declared: Record<string, z.ZodRawShape>): void {
  for (const [part, shape] of Object.entries(declared)) {
    const fields = Object.values(shape);
    if (shape instanceof z.ZodType || !fields.every((field) => field instanceof z.ZodType)) {
      throw new TypeError(`${name}: ${part} takes the fields themselves, as in { by: z.int() }, and no z.object(…)`);
    }
  }
}

/** What the kit says itself, and the right that `scp` calls `read`, are not a tool's to name. */
function requireOwnNames(name: string, input: z.ZodRawShape, output: z.ZodRawShape): void {
  if (!NAME.test(name)) throw new TypeError(`${JSON.stringify(name)} cannot name a tool: 1 to 128 letters, digits, "_", "-" and "." can`);
  if (name === 'read') throw new TypeError('a tool cannot be named "read": that is the right to all tools that only read');
  const taken = ['handle', 'handle_info', 'error'].filter((field) => field in input || field in output);
  if (taken.length > 0) throw new TypeError(`${name}: the fields ${taken.join(', ')} are the kit's own`);
}

/** A tool of any role, whose function is typed by whoever declares it. */
export function declareTool(
  takes: Takes<unknown>,
  { name, title, description, input = {}, output = {}, strict = false }: ToolDeclaration<z.ZodRawShape, z.ZodRawShape>,
  role: Role,
): DeclaredTool<Tool['run']> {
  requireFields(name, { input, output });
  requireOwnNames(name, input, output);
  const definition = {
    name,
    ...(title !== undefined && { title }),
    description,
    inputSchema: inputSchema(input, role !== 'create'),
    outputSchema: outputSchema(output),
    annotations: role === 'read' ? READS : CHANGES,
  };
  const schemas = { input: z.strictObject(input), output: z.strictObject(output) };
  const tool = { definition, takes, role, strict, ...schemas, handles: handlesAmong(input) };
  return { does: (run) => ({ ...tool, run }) };
}
