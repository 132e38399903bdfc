/** Reads arguments as clients write them. An argument of the wrong type is accepted if its meaning is plain. */
import * as z from 'zod';
import { ToolRefusal } from './refusal.ts';

/** The most unknown names that an error repeats. */
const MOST = 5;

/** The most characters that an error repeats of one name. */
const LONGEST_NAME = 40;

/** How the arguments of one tool are read. */
export interface ReadOptions {
  /** The tool's name, for errors. */
  readonly name: string;
  /** The arguments that the tool takes. */
  readonly takes: readonly string[];
  /** Accepts only what the schema accepts. */
  readonly strict: boolean;
  /**
   * Refuses arguments that the tool does not take, and empty strings that the schema refuses, even if the tool is not strict.
   * Set it for a tool that would do harm if it ignored such an argument. Names that hosts are known to add are still ignored.
   */
  readonly heedsAll?: boolean;
  /** The refusal's text, if the caller of this function has already found that an argument is missing. */
  readonly missing?: string | undefined;
}

/**
 * Reads the arguments of a tool. If the tool is not strict, unknown arguments are ignored, `null` for an optional argument
 * counts as absent, and so does an empty string that the schema refuses. If the schema expects an array, a number, a boolean
 * or an object, a string may hold that value as JSON.
 *
 * @param given the arguments, as the client sent them
 * @returns the arguments, validated
 * @throws {ToolRefusal} `invalid_arguments`: the message says what was expected, and stays short even if much is wrong
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
  const parsed = strict ? schema.safeParse(wanted) : parseForgivingly(schema, wanted, heedsAll ? jsonIn : jsonOrAbsent);
  if (parsed.success) return parsed.data;
  throw refuse(describe(parsed.error, wanted, name));
}

/** Names the arguments that are missing, and then says what is wrong with the others. */
function describe({ issues }: z.ZodError, given: Readonly<Record<string, unknown>>, name: string): string {
  const isMissing = ({ code, path }: z.core.$ZodIssue) =>
    code === 'invalid_type' && path.length === 1 && given[String(path[0])] === undefined;
  const missing = issues.filter(isMissing).slice(0, MOST);
  const wrong = issues.filter((issue) => !isMissing(issue));
  return [
    ...missing.map(
      (issue) => `${name} needs the argument "${String(issue.path[0])}": ${'expected' in issue ? issue.expected : 'a value'}.`,
    ),
    ...(wrong.length > 0 ? [`The arguments do not fit ${name}:\n${problemsIn(wrong)}`] : []),
  ].join('\n');
}

/** The most problems that an error describes. */
const MOST_PROBLEMS = 5;

/** Describes problems in words: the first five of them. */
export function problemsIn(issues: readonly z.core.$ZodIssue[]): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, MOST_PROBLEMS)));
}

/** Arguments that a host is known to add to every call (n8n-io/n8n#21500, #22787). The model did not write them. */
const ADDED_BY_HOSTS = ['toolCallId', 'sessionId', 'chatInput'];

/** Names the arguments that a tool does not take, and those that it takes, so that a model sees what it misspelt. */
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

/**
 * The most problems that are mended. Mending one problem copies the arguments, and more problems than these are not a slip of
 * the client.
 */
const MOST_MENDED = 100;

/** How often the arguments are mended. JSON in a string in JSON in a string may be a slip; more levels are not. */
const ROUNDS = 3;

/** Returns what a value of the wrong type may mean; the value itself if that is not plain. */
type Reading = (value: unknown) => unknown;

/** Validates the input. If it is invalid, mends the values whose meaning is plain, and validates it again. */
function parseForgivingly<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  meant: Reading,
  rounds = ROUNDS,
): z.ZodSafeParseResult<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  if (parsed.success || rounds === 0 || parsed.error.issues.length > MOST_MENDED) return parsed;
  const mended = parsed.error.issues.filter(isOfType).reduce((json: unknown, { path }) => mendedAt(json, path, meant), input);
  return mended === input ? parsed : parseForgivingly(schema, mended, meant, rounds - 1);
}

/**
 * Tells whether the schema expected another type. Only then can mending help: a value that is too long, for example, is what
 * the client meant.
 */
function isOfType({ code }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' || code === 'invalid_union' || code === 'invalid_value';
}

/** Returns a copy in which the `null` at the path is left out, or another value at the path is replaced by what it means. */
function mendedAt(json: unknown, [key, ...path]: readonly PropertyKey[], meant: Reading): unknown {
  if (key === undefined || typeof json !== 'object' || json === null || !Object.hasOwn(json, key)) return json;
  const before = (json as Record<PropertyKey, unknown>)[key];
  if (path.length === 0 && before === null && !Array.isArray(json)) {
    return Object.fromEntries(Object.entries(json).filter(([name]) => name !== key));
  }
  const after = path.length === 0 ? meant(before) : mendedAt(before, path, meant);
  if (after === before) return json;
  // The copy is made from entries, because an assignment to a member named __proto__ would set the prototype.
  return Array.isArray(json)
    ? json.with(Number(key), after)
    : Object.fromEntries(Object.entries(json).map(([name, value]) => [name, name === key ? after : value]));
}

/** Returns the value that a string holds as JSON. A string that holds no JSON, a string or `null` is returned as it is. */
function jsonIn(value: unknown): unknown {
  const held = jsonOrAbsent(value);
  return held === null ? value : held;
}

/** Like {@link jsonIn}, but returns `null` for an empty string, and for a string that holds `null`. */
function jsonOrAbsent(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return null;
  try {
    const held: unknown = JSON.parse(value);
    return typeof held === 'string' ? value : held;
  } catch {
    return value;
  }
}
