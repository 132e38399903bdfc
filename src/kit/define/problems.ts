import * as z from 'zod';

/** The most problems that an error describes. */
const MOST_PROBLEMS = 5;

/** Describes in words what is wrong with the arguments: the first five problems. */
export function problemsIn({ issues }: z.ZodError): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, MOST_PROBLEMS)));
}
