/**
 * Leaves schemas uncompiled, on runtimes that forbid generated code: edge runtimes and web pages. With this module, their
 * bundles do not contain the 30 KB of the schema compiler.
 */
import type * as z from 'zod';

/** Returns the given schema. */
export function compiled<Read>(schema: z.ZodType<Read>): z.ZodType<Read> {
  return schema;
}
