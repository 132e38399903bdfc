/** Compiles schemas, on runtimes that let a program generate code. */
import * as z from 'zod';

/** Compiles a schema into a faster one for the same values, unless zod is configured as `jitless`. */
export function compiled<Read>(schema: z.ZodType<Read>): z.ZodType<Read> {
  return z.config().jitless ? schema : z.compile(schema);
}
