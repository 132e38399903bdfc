/** Schemas on runtimes that forbid generated code: edge runtimes and web pages. This module spares them the 30 KB of the compiler. */
import type * as z from 'zod';

/** Returns the schema itself. */
export function compiled<Read>(schema: z.ZodType<Read>): z.ZodType<Read> {
  return schema;
}
