/**
 * A stand-in for `compiling.ts` on edge runtimes and web pages, which forbid generated code. So their bundles do not
 * contain zod's compiler, which takes 30 KB.
 */
import type * as z from 'zod';

export function compiled<Read>(schema: z.ZodType<Read>): z.ZodType<Read> {
  return schema;
}
