/** The error for an author's mistake that shows only while a tool runs. */
import type * as z from 'zod';
import type { JsonSchema } from './schema.ts';

/**
 * A mistake of an author: a handler, a migration or a schema does not do what the tool declares. A log may show the
 * message, which contains no part of a call or a state. A log must not show `cause`, which may contain both.
 */
export class ToolDefect extends TypeError {}

/** The maximum number of problems that an error describes. */
const MOST_PROBLEMS = 5;

/**
 * Makes the error for a value that does not fit the author's schema. The message says which members do not fit.
 *
 * @param part the name of the value, for example `structuredContent`
 * @param declared the names of members that the schema declares; the message shows others as `*`, because they may be
 *   state
 */
export function misfit(part: string, { issues }: z.core.$ZodError, declared: ReadonlySet<string>): ToolDefect {
  const shown = (key: PropertyKey) => (typeof key === 'number' ? `[${key}]` : `.${declared.has(String(key)) ? String(key) : '*'}`);
  const problems = issues.slice(0, MOST_PROBLEMS).map((issue) => `${part}${issue.path.map(shown).join('')}: ${problemOf(issue)}`);
  return new ToolDefect(problems.join('; '));
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${issue.expected}`;
  if (issue.code === 'unrecognized_keys') return 'has members that the schema does not declare';
  return issue.code.replaceAll('_', ' ');
}

/**
 * Returns the names of all members that a JSON Schema declares, at any depth. Without a schema, returns an empty set.
 */
export function declaredMembers(schema: JsonSchema | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  const collect = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const { properties } = value as { readonly properties?: unknown };
    if (typeof properties === 'object' && properties !== null) for (const name of Object.keys(properties)) names.add(name);
    Object.values(value).forEach(collect);
  };
  collect(schema);
  return names;
}
