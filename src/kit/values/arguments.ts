/**
 * Reads the arguments of a tool. Models often write a value in the wrong type, such as a number in a string. Such a
 * value is accepted if its meaning is plain.
 */
import * as z from 'zod';
import { type Issue, isBrokenJson, meantBy, valueIn } from './meaning.ts';
import { ADDED_BY_HOSTS } from './names.ts';
import { ToolRefusal } from './refusal.ts';

/** The maximum number of unknown or missing arguments that an error names. */
const MOST = 5;

/** The maximum number of characters of a name that an error quotes. */
const LONGEST_NAME = 40;

export interface ReadOptions {
  /** The tool's name, for errors. */
  readonly name: string;
  /** The arguments that the tool takes. */
  readonly takes: readonly string[];
  /** Whether the arguments must match the schema exactly. */
  readonly strict: boolean;
  /**
   * Whether to refuse unknown arguments and empty strings even if `strict` is false. Set it for a tool that does harm
   * if an argument is ignored. Arguments that hosts add to every call are still ignored.
   */
  readonly heedsAll?: boolean;
  /** The text of an error that the calling function has already found: a missing argument. */
  readonly missing?: string | undefined;
}

/**
 * Reads the arguments of a tool. If `strict` is false, this function is tolerant:
 *
 * - It ignores unknown arguments.
 * - It ignores an optional argument that is `null`, or an empty string that the schema refuses.
 * - It reads a value of the wrong type with `meantBy`, for example a string of JSON where the schema expects an array.
 *
 * @param given the arguments, as the client sent them
 * @returns the arguments, validated
 * @throws {ToolRefusal} `invalid_arguments`: the message says what was expected, and stays short
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
  const { parsed, tried } = strict
    ? { parsed: schema.safeParse(wanted), tried: wanted }
    : parseForgivingly(schema, wanted, (value, issue) => {
        const meant = meantBy(value, issue, schema);
        return heedsAll && meant === null ? value : meant;
      });
  if (parsed.success) return parsed.data;
  throw refuse(describe(parsed.error, wanted, tried, name));
}

/**
 * Describes the problems in words that match what the client sent. The issues are about the mended arguments, which
 * omit some values `null`. Zod calls an omitted value "undefined", but the client would look for "undefined" in vain.
 *
 * @param sent the arguments, as the client sent them
 * @param tried the arguments, as they were mended
 */
function describe({ issues }: z.ZodError, sent: unknown, tried: unknown, name: string): string {
  const isAbsent = (issue: z.core.$ZodIssue) => isOfType(issue) && valueAt(tried, issue.path) === undefined;
  const isMissing = (issue: z.core.$ZodIssue) => issue.path.length === 1 && isAbsent(issue);
  const missing = issues.filter(isMissing).slice(0, MOST);
  const wrong = issues.filter((issue) => !isMissing(issue)).slice(0, MOST_PROBLEMS);
  const inWords = wrong.map((issue) => {
    if (isAbsent(issue)) return { ...issue, message: `Missing: expected ${expectedBy(issue)}${whyAbsent(sent, issue.path)}` };
    const isBroken = isOfType(issue) && isBrokenJson(valueAt(tried, issue.path));
    return isBroken
      ? { ...issue, message: `Expected ${expectedBy(issue)}, received a string of JSON that is cut short or misspelt` }
      : issue;
  });
  return [
    ...missing.map((issue) => `${name} needs the argument "${String(issue.path[0])}": ${expectedBy(issue)}${whyAbsent(sent, issue.path)}.`),
    ...(wrong.length > 0 ? [`The arguments do not fit ${name}:\n${problemsIn(inWords)}`] : []),
  ].join('\n');
}

/** For example: `number`, or `one of "a", "b"`. */
function expectedBy(issue: z.core.$ZodIssue): string {
  if ('expected' in issue) return issue.expected;
  return issue.code === 'invalid_value' ? `one of ${issue.values.map(z.core.util.stringifyPrimitive).join(', ')}` : 'a value';
}

/** For example: ` (null counts as missing)`. Empty if the client sent nothing. */
function whyAbsent(sent: unknown, path: readonly PropertyKey[]): string {
  const value = valueAt(sent, path);
  if (value !== null && typeof value !== 'string') return '';
  return ` (${value === null ? 'null' : JSON.stringify(value.trim())} counts as missing)`;
}

/** Returns the value at a path, even if the path goes through JSON in a string. */
function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value: unknown, key) => {
    const held = valueIn(value);
    return typeof held === 'object' && held !== null && Object.hasOwn(held, key) ? held[key as never] : undefined;
  }, json);
}

/** The maximum number of problems that an error describes. */
const MOST_PROBLEMS = 5;

export function problemsIn(issues: readonly z.core.$ZodIssue[]): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, MOST_PROBLEMS)));
}

/** Names the unknown arguments and then the known ones, so that a model finds its misspelt name. */
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
 * If a round finds more problems than this, it mends none of them, because it would then validate all arguments again.
 * Each element of a list counts: a list of 500 numbers in strings has 500 problems.
 */
const MOST_MENDED = 10_000;

/**
 * The maximum number of rounds in which arguments are mended. Each round parses one level of JSON in strings. `'["1"]'`
 * has two levels. A client that nests four levels has not just made a small mistake.
 */
const ROUNDS = 3;

/** Returns what a value of the wrong type means: see `meantBy`. */
type Reading = (value: unknown, issue: Issue) => unknown;

interface Attempt<Output> {
  readonly parsed: z.ZodSafeParseResult<Output>;
  /** The mended input. */
  readonly tried: unknown;
}

/** Validates the input. If the input is invalid, mends the values whose meaning is plain, and validates again. */
function parseForgivingly<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  meant: Reading,
  rounds = ROUNDS,
): Attempt<z.output<Schema>> {
  const parsed = schema.safeParse(input);
  if (parsed.success || rounds === 0 || parsed.error.issues.length > MOST_MENDED) return { parsed, tried: input };
  const mendable = parsed.error.issues.filter((issue) => isOfType(issue) || isBlankMember(input, issue.path));
  const mended = mendedAt(
    input,
    mendable.map((issue) => ({ path: issue.path, issue })),
    meant,
  );
  return mended === input ? { parsed, tried: input } : parseForgivingly(schema, mended, meant, rounds - 1);
}

/**
 * Tells whether a problem is about the type of a value. Other problems are mended only if the value is blank. If a text
 * is too long, for example, it is not cut, because the client meant the whole text.
 */
function isOfType({ code }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' || code === 'invalid_union' || code === 'invalid_value';
}

/** Tells whether a path leads to a member of an object whose value is an empty string, or white space only. */
function isBlankMember(json: unknown, path: readonly PropertyKey[]): boolean {
  const value = valueAt(json, path);
  return typeof value === 'string' && value.trim() === '' && !Array.isArray(valueAt(json, path.slice(0, -1)));
}

/** A problem with a value, and the way to this value. */
interface Wrong {
  readonly path: readonly PropertyKey[];
  readonly issue: Issue;
}

/**
 * Returns a copy of a value in which the wrong values are mended. A member of an object is omitted if its value is
 * `null`. Returns the value itself if nothing changes.
 */
function mendedAt(json: unknown, wrong: readonly Wrong[], meant: Reading): unknown {
  const itself = wrong.find(({ path }) => path.length === 0);
  if (itself !== undefined) return meant(json, itself.issue);
  if (typeof json !== 'object' || json === null) return json;
  const inside = new Map<string, Wrong[]>();
  for (const { path, issue } of wrong) {
    const [key = '', ...rest] = path;
    const others = inside.get(String(key));
    if (others === undefined) inside.set(String(key), [{ path: rest, issue }]);
    else others.push({ path: rest, issue });
  }
  const before = Object.entries(json);
  const after = before.flatMap(([name, value]) => {
    const within = inside.get(name);
    if (within === undefined) return [[name, value]];
    const isOmitted = value === null && !Array.isArray(json) && within.some(({ path }) => path.length === 0);
    return isOmitted ? [] : [[name, mendedAt(value, within, meant)]];
  });
  if (after.length === before.length && after.every(([, value], at) => value === before[at]?.[1])) return json;
  // Assigning a member named `__proto__` would set the prototype, so the copy is made from entries.
  return Array.isArray(json) ? after.map(([, value]) => value) : Object.fromEntries(after);
}
