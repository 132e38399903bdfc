/** For runtimes that forbid generated code (edge runtimes, web pages). Their bundles omit the 30 KB schema compiler. */
import type * as z from 'zod';

export function compiled<Read>(schema: z.ZodType<Read>): z.ZodType<Read> {
  return schema;
}
