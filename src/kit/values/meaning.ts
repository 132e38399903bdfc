/** Reads a value of a wrong type as the value that the client means, if the meaning is plain. */
import type * as z from 'zod';
import { isObject } from './json.ts';
import { meantAmong } from './words.ts';

/** A problem that zod found with a value. */
export type Issue = z.core.$ZodIssue;

/** The texts that stand for an absent value. `None` is Python's, and `undefined` is JavaScript's. */
const ABSENT = ['', 'None', 'undefined'];

const BOOLEANS = new Map(Object.entries({ true: true, yes: true, false: false, no: false }));

/** A number that JSON would spell otherwise: `+3`, `03` or `.5`. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/** The longest text of a number, in characters. */
const LONGEST_NUMBER = 40;

const FENCE = '```';

/**
 * Returns what a value of the wrong type means, such as 3 for `'3'`, and `null` if it stands for an absent value. If the
 * meaning is not plain, returns the value itself.
 *
 * @param schema the schema of all arguments, in which `issue` is a problem
 */
export function meantBy(value: unknown, issue: Issue, schema: z.ZodType): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return textFor(value, issue) ?? value;
  if (typeof value !== 'string') return value;
  if (issue.code === 'invalid_value') {
    const meant = meantAmong(value, textsIn(issue.values));
    if (meant !== undefined) return meant;
  }
  const held = valueIn(value);
  if (held === null) return null;
  switch (issue.code === 'invalid_type' ? issue.expected : undefined) {
    case undefined:
      return typeof held === 'string' ? value : held;
    case 'boolean':
      return typeof held === 'boolean' ? held : (BOOLEANS.get(value.trim().toLowerCase()) ?? value);
    case 'number':
    case 'int':
      if (typeof held === 'number') return held;
      return value.length <= LONGEST_NUMBER && NUMBER.test(value.trim()) ? Number(value) : value;
    case 'array':
      return Array.isArray(held) ? held : (listOf(value, held, schema, issue.path) ?? value);
    default:
      return isObject(held) ? held : value;
  }
}

/** Returns the value that a string contains as JSON, or `null` if the string stands for an absent value. */
export function valueIn(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = bareText(value);
  if (ABSENT.includes(text)) return null;
  try {
    return JSON.parse(text);
  } catch {
    return value;
  }
}

/** Tells whether a text begins like a list or an object in JSON, but is not JSON. */
export function isBrokenJson(value: unknown): boolean {
  return typeof value === 'string' && /^[[{]/.test(bareText(value)) && valueIn(value) === value;
}

/** Returns a text without white space around it, and without the fence that Markdown puts around code. */
function bareText(value: string): string {
  const text = value.trim();
  const start = text.indexOf('\n') + 1;
  const isFenced = start > 0 && text.startsWith(FENCE) && text.endsWith(FENCE) && text.length - start >= FENCE.length;
  // A pattern for the whole text would take time that grows with the square of its length, or faster.
  return isFenced && /^\w{0,20}$/.test(text.slice(FENCE.length, start).trim()) ? text.slice(start, -FENCE.length).trim() : text;
}

/** Writes a number or a boolean where a text is expected. JSON may have rounded a large integer, so its meaning is lost. */
function textFor(value: number | boolean, issue: Issue): string | undefined {
  const isExact = typeof value === 'boolean' || (Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value));
  if (!isExact) return undefined;
  if (issue.code === 'invalid_type') return issue.expected === 'string' ? String(value) : undefined;
  return issue.code === 'invalid_value' ? meantAmong(String(value), textsIn(issue.values)) : undefined;
}

function textsIn(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === 'string');
}

/** Returns a list with one text, if the schema has a list of texts there, and the text is no JSON that is cut short. */
function listOf(text: string, held: unknown, schema: z.ZodType, path: readonly PropertyKey[]): string[] | undefined {
  const { type, element } = partAt(schema, path);
  if (type !== 'array' || !['string', 'enum'].includes(partOf(element).type ?? '')) return undefined;
  if (isObject(held) || isBrokenJson(text)) return undefined;
  return [typeof held === 'string' ? held : text];
}

/** What this module needs of the definition of a schema. */
interface Part {
  readonly type?: string;
  readonly innerType?: z.ZodType;
  readonly shape?: Readonly<Record<PropertyKey, z.ZodType>>;
  readonly element?: z.ZodType;
}

/** Finds the definition of a value in the schema of the arguments. Empty if the way leads through a union, for example. */
function partAt(schema: z.ZodType, path: readonly PropertyKey[]): Part {
  return path.reduce((part: Part, key) => partOf(part.shape?.[key] ?? part.element), partOf(schema));
}

/** Returns the definition of a schema without its wrappers, such as `optional` and `default`. */
function partOf(schema: z.ZodType | undefined): Part {
  const part = (schema?._zod.def ?? {}) as Part;
  return part.innerType === undefined ? part : partOf(part.innerType);
}
