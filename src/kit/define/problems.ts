import * as z from 'zod';

/** How many problems an error tells. */
const MOST_PROBLEMS = 5;

/** What is wrong with arguments, in words; of very much the first. */
export function problemsIn({ issues }: z.ZodError): string {
  return z.prettifyError(new z.ZodError(issues.slice(0, MOST_PROBLEMS)));
}
