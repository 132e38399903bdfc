import * as z from 'zod';

/** The most problems that an error describes. */
const MOST_PROBLEMS = 5;

/** Describes problems in words: the first five of them. */
export function problemsIn(issues: readonly z.core.$ZodIssue[]): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, MOST_PROBLEMS)));
}
