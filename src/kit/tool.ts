/**
 * A tool as data: its definition, as clients list it, and a function from (state, input, caller) to (next state,
 * what to say). The function never sees a handle, a key or a claim; handles that are not good never reach it.
 */
import * as z from 'zod';
import type { Principal } from '../handle/index.ts';
import type { Kind } from './kind.ts';
import { inputSchema, type JsonSchema, outputSchema } from './schema.ts';

/** Who calls: an authenticated principal, or whoever holds the handle. */
export interface Caller {
  readonly principal?: Principal;
}

/** A tool's entry in `tools/list` (MCP 2026-07-28, server/tools). */
export interface ToolDefinition {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema;
  readonly annotations: ToolAnnotations;
}

export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** What a tool's function says: fields for a program, text for a reader. */
export interface Saying<Output> {
  readonly result: Output;
  readonly text: string;
}

/** The same, with the state that the next handle is to carry. */
export interface Step<State, Output> extends Saying<Output> {
  readonly state: State;
}

/** An execution error: the function refuses, and says what to do instead. Nothing is issued; the given handle stays good. */
export class ToolRefusal extends Error {
  readonly code: string;
  /** @param code stable, for programs @param message what the model reads */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A tool, ready to be called. Made by {@link createTool}, {@link readTool}, {@link updateTool} and {@link endTool}. */
export interface Tool {
  readonly definition: ToolDefinition;
  readonly kind: Kind;
  /** Whether a call takes a handle: all but those that create a task do. */
  readonly takesHandle: boolean;
  /** Whether a call issues a handle: all but those that only read do. */
  readonly issuesHandle: boolean;
  /** Whether a call ends the task: it may then use the room that others must leave for it. */
  readonly ends: boolean;
  readonly input: z.ZodType<Record<string, unknown>>;
  run(state: unknown, input: Record<string, unknown>, caller: Caller): Awaitable<{ state?: unknown; result: object; text: string }>;
}

type Awaitable<T> = T | Promise<T>;

interface Declaration<Input extends z.ZodRawShape, Output extends z.ZodRawShape> {
  readonly name: string;
  readonly title: string;
  /** For the model, in few words. */
  readonly description: string;
  /** The arguments beside `handle`. */
  readonly input: Input;
  /** The result fields beside `handle` and `handle_info`. */
  readonly output: Output;
}

type Values<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/**
 * A declared tool that waits for its function. The function comes in a call of its own so that the compiler knows
 * the state, the input and the output when it reads it: authors write no type and no cast.
 */
export interface DeclaredTool<Run> {
  does(run: Run): Tool;
}

/** A tool that starts a task. Its function gets the input and gives the first state. */
export function createTool<State, Input extends z.ZodRawShape, Output extends z.ZodRawShape>(
  kind: Kind<State>,
  declaration: Declaration<Input, Output>,
): DeclaredTool<(input: Values<Input>, caller: Caller) => Awaitable<Step<State, Values<Output>>>> {
  const tool = toolOf(kind, declaration, { takesHandle: false, issuesHandle: true, ends: false }, CHANGES);
  return { does: (run) => ({ ...tool, run: (_none, input, caller) => run(input as Values<Input>, caller) }) };
}

/** A tool that reads a task. Its function gets the state and says something of it; the handle stays as it is. */
export function readTool<State, Input extends z.ZodRawShape, Output extends z.ZodRawShape>(
  kind: Kind<State>,
  declaration: Declaration<Input, Output>,
): DeclaredTool<(state: State, input: Values<Input>, caller: Caller) => Awaitable<Saying<Values<Output>>>> {
  const tool = toolOf(kind, declaration, { takesHandle: true, issuesHandle: false, ends: false }, READS);
  return { does: (run) => ({ ...tool, run: (state, input, caller) => run(state as State, input as Values<Input>, caller) }) };
}

/** A tool that moves a task on. Its function gets the state and gives the next one, which a new handle carries. */
export function updateTool<State, Input extends z.ZodRawShape, Output extends z.ZodRawShape>(
  kind: Kind<State>,
  declaration: Declaration<Input, Output>,
): DeclaredTool<(state: State, input: Values<Input>, caller: Caller) => Awaitable<Step<State, Values<Output>>>> {
  return changeTool(kind, declaration, false);
}

/** A tool that ends a task: like {@link updateTool}, with room in its last handle that no other may take. */
export function endTool<State, Input extends z.ZodRawShape, Output extends z.ZodRawShape>(
  kind: Kind<State>,
  declaration: Declaration<Input, Output>,
): DeclaredTool<(state: State, input: Values<Input>, caller: Caller) => Awaitable<Step<State, Values<Output>>>> {
  return changeTool(kind, declaration, true);
}

function changeTool<State, Input extends z.ZodRawShape, Output extends z.ZodRawShape>(
  kind: Kind<State>,
  declaration: Declaration<Input, Output>,
  ends: boolean,
): DeclaredTool<(state: State, input: Values<Input>, caller: Caller) => Awaitable<Step<State, Values<Output>>>> {
  const tool = toolOf(kind, declaration, { takesHandle: true, issuesHandle: true, ends }, CHANGES);
  return { does: (run) => ({ ...tool, run: (state, input, caller) => run(state as State, input as Values<Input>, caller) }) };
}

/** What the kit says itself, and the right that `scp` calls `read`, are not a tool's to name. */
function refuseReserved(name: string, input: z.ZodRawShape, output: z.ZodRawShape): void {
  if (name === 'read') throw new TypeError('a tool cannot be named "read": that is the right to all tools that only read');
  const taken = ['handle', 'handle_info', 'error'].filter((field) => field in input || field in output);
  if (taken.length > 0) throw new TypeError(`${name}: the fields ${taken.join(', ')} are the kit's own`);
}

/** Nothing is changed, and the same question has the same answer: a handle is immutable. */
const READS: ToolAnnotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };

/** The given handle stays valid, so nothing is destroyed; two calls give two handles, so it is not idempotent. */
const CHANGES: ToolAnnotations = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };

function toolOf<State>(
  kind: Kind<State>,
  { name, title, description, input, output }: Declaration<z.ZodRawShape, z.ZodRawShape>,
  handles: Pick<Tool, 'takesHandle' | 'issuesHandle' | 'ends'>,
  annotations: ToolAnnotations,
): Omit<Tool, 'run'> {
  refuseReserved(name, input, output);
  return {
    definition: {
      name,
      title,
      description,
      inputSchema: inputSchema(input, handles.takesHandle),
      outputSchema: outputSchema(output),
      annotations,
    },
    kind: kind as Kind,
    ...handles,
    input: z.strictObject(input),
  };
}
