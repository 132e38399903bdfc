/**
 * Reads the arguments of a tool, as a client wrote them. Models often write a value in the wrong type, for example a number
 * as a string. Such a value is accepted if its meaning is plain.
 */
import * as z from 'zod';
import { ToolRefusal } from './refusal.ts';

/** The maximum number of names of unknown arguments, or of missing arguments, that an error lists. */
const MOST = 5;

/** The maximum number of characters of a name that an error quotes. */
const LONGEST_NAME = 40;

/** Options for reading the arguments of a tool. */
export interface ReadOptions {
  /** The tool's name, for errors. */
  readonly name: string;
  /** The arguments that the tool takes. */
  readonly takes: readonly string[];
  /** Whether the arguments must match the schema exactly. If false, values whose meaning is plain are also accepted. */
  readonly strict: boolean;
  /**
   * Refuses arguments that the tool does not take, and empty strings that the schema refuses, even if `strict` is false. Set
   * this option for a tool that could do harm if an argument were ignored. Arguments that hosts are known to add to every
   * call are still ignored.
   */
  readonly heedsAll?: boolean;
  /** The text of an error, if the caller of `readArguments` already knows that an argument is missing. */
  readonly missing?: string | undefined;
}

/**
 * Reads the arguments of a tool. If `strict` is true, the arguments must match the schema exactly. If `strict` is false, the
 * function is more tolerant:
 *
 * - It ignores unknown arguments.
 * - It treats an optional argument as absent if the value is `null`, or is an empty string that the schema refuses.
 * - Where the schema expects an array, a number, a boolean or an object, it accepts a string that contains such a value as JSON.
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

/** Writes an error text: first the names of the missing arguments, then what is wrong with the given arguments. */
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

/** The maximum number of problems that an error describes. */
const MOST_PROBLEMS = 5;

/** Describes the first {@link MOST_PROBLEMS} problems in words. */
export function problemsIn(issues: readonly z.core.$ZodIssue[]): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, MOST_PROBLEMS)));
}

/** The names of arguments that the host n8n adds to every call (n8n-io/n8n#21500, #22787), so the model did not write them. */
const ADDED_BY_HOSTS = ['toolCallId', 'sessionId', 'chatInput'];

/**
 * Writes an error text that names the unknown arguments and then the arguments that the tool takes, so that a model finds
 * its misspelt name. Returns undefined if no argument is unknown.
 */
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
 * The largest number of problems that are mended. Arguments with more problems are refused, because the arguments are
 * copied once for each mended problem, and because a client that makes so many mistakes has not just used wrong types.
 */
const MOST_MENDED = 100;

/**
 * The largest number of rounds in which arguments are mended. Each round parses one level of strings that contain JSON.
 * For example, `'["1"]'` has two levels: a string that contains an array, and in the array a string that contains a
 * number. A client that nests four levels has not just made a small mistake.
 */
const ROUNDS = 3;

/** Returns what a value of the wrong type means, such as 3 for `'3'`; the value itself if the meaning is not plain. */
type Reading = (value: unknown) => unknown;

/** Validates the input. If the input is invalid, mends the values whose meaning is plain, and validates the input again. */
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
 * Tells whether a problem is about the type of a value. Mending cannot help with other problems: if a value is too
 * long, for example, the client meant that long value.
 */
function isOfType({ code }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' || code === 'invalid_union' || code === 'invalid_value';
}

/**
 * Returns a copy of the arguments with the value at the path mended: `null` is left out, and any other value is replaced by
 * the value that it stands for.
 */
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

/**
 * Returns the value that a string contains as JSON. The function returns the given value itself if it is not a string of
 * JSON, or if the JSON is a string or `null`.
 */
function jsonIn(value: unknown): unknown {
  const held = jsonOrAbsent(value);
  return held === null ? value : held;
}

/** Does the same as {@link jsonIn}, but returns `null` for an empty string, and for a string that contains the JSON `null`. */
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
