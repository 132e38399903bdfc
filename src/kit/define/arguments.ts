/** Arguments as clients write them: what is meant is taken, where it is plain what that is. */
import type * as z from 'zod';
import { problemsIn } from './problems.ts';
import { ToolRefusal } from './refusal.ts';

/** How much of what a client sent is repeated to it in an error: names, and their length. */
const MOST = 5;
const LONGEST_NAME = 40;

/** What is to be read, and how. */
export interface ReadOptions {
  /** The tool's name, for errors. */
  readonly name: string;
  /** The arguments that the tool takes. */
  readonly takes: readonly string[];
  /** Takes nothing but what the schema says. */
  readonly strict: boolean;
  /** Refuses members that the tool does not take, where each may be a wish that would go unheard. What hosts add of themselves is none. */
  readonly heedsAll?: boolean;
  /** What the caller has found missing itself, for errors. */
  readonly missing?: string | undefined;
}

/**
 * Reads arguments. Unless the tool is strict: members that the tool does not take are ignored, `null` for an optional
 * one is absent, and a string that holds an array, a number, a boolean or an object as JSON counts where one is asked.
 *
 * @param given as the client sent it
 * @throws {ToolRefusal} `invalid_arguments`, with what was expected. However much is wrong, the message stays short.
 */
export function readArguments<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  given: Readonly<Record<string, unknown>>,
  { name, takes, strict, heedsAll = false, missing }: ReadOptions,
): z.output<z.ZodObject<Shape>> {
  const surplus = surplusIn(given, name, takes, heedsAll ? ADDED_BY_HOSTS : []);
  if ((strict || heedsAll) && surplus !== undefined) throw new ToolRefusal('invalid_arguments', surplus);
  const refuse = (problem: string) => new ToolRefusal('invalid_arguments', [surplus, problem].filter(Boolean).join(' '));
  if (missing !== undefined) throw refuse(missing);
  const wanted = Object.fromEntries(Object.entries(given).filter(([argument]) => Object.hasOwn(schema.shape, argument)));
  const parsed = strict ? schema.safeParse(wanted) : parseForgivingly(schema, wanted);
  if (parsed.success) return parsed.data;
  throw refuse(`The arguments do not fit ${name}:\n${problemsIn(parsed.error)}`);
}

/** What a host is known to add to the arguments of every call (n8n-io/n8n#21500, #22787): no model wished it. */
const ADDED_BY_HOSTS = ['toolCallId', 'sessionId', 'chatInput'];

/** Says what a tool does not take, and what it takes: a misspelt argument is among the former. */
function surplusIn(
  given: Readonly<Record<string, unknown>>,
  name: string,
  takes: readonly string[],
  besides: readonly string[],
): string | undefined {
  const unknown = Object.keys(given).filter((argument) => !takes.includes(argument) && !besides.includes(argument));
  if (unknown.length === 0) return undefined;
  const shown = unknown.slice(0, MOST).map((argument) => JSON.stringify(argument.slice(0, LONGEST_NAME)));
  const more = unknown.length > MOST ? ` and ${unknown.length - MOST} more` : '';
  return `${name} does not take ${shown.join(', ')}${more}; it takes ${takes.join(', ') || 'none'}.`;
}

/** More problems than these are not slips of a client, and each costs a copy. */
const MOST_MENDED = 100;

/** JSON in JSON in JSON is no slip, either. */
const ROUNDS = 3;

function parseForgivingly<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  rounds = ROUNDS,
): z.ZodSafeParseResult<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  if (parsed.success || rounds === 0 || parsed.error.issues.length > MOST_MENDED) return parsed;
  const mended = parsed.error.issues.filter(isOfType).reduce((json: unknown, { path }) => mendedAt(json, path), input);
  return mended === input ? parsed : parseForgivingly(schema, mended, rounds - 1);
}

/** A schema wanted something else altogether; a value that is too long, say, is what its client meant. */
function isOfType({ code }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' || code === 'invalid_union' || code === 'invalid_value';
}

/** The same JSON without the `null` at a path, or with the JSON that the string there holds. */
function mendedAt(json: unknown, [key, ...path]: readonly PropertyKey[]): unknown {
  if (key === undefined || typeof json !== 'object' || json === null || !Object.hasOwn(json, key)) return json;
  const before = (json as Record<PropertyKey, unknown>)[key];
  if (path.length === 0 && before === null && !Array.isArray(json)) {
    return Object.fromEntries(Object.entries(json).filter(([name]) => name !== key));
  }
  const after = path.length === 0 ? jsonIn(before) : mendedAt(before, path);
  if (after === before) return json;
  // Not by assignment: a member may be named __proto__.
  return Array.isArray(json)
    ? json.with(Number(key), after)
    : Object.fromEntries(Object.entries(json).map(([name, value]) => [name, name === key ? after : value]));
}

/** What a string holds as JSON, if that is more than a string. */
function jsonIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    const held: unknown = JSON.parse(value);
    return typeof held === 'string' || held === null ? value : held;
  } catch {
    return value;
  }
}
