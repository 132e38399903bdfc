/** What a schema becomes where no program may generate code: on edge runtimes, and in web pages. The compiler, 30 KB, is left out. */
import type * as z from 'zod';

/** The schema itself. */
export function compiled<Read>(schema: z.ZodType<Read>): z.ZodType<Read> {
  return schema;
}
