/** What a schema becomes where a program may generate code. */
import * as z from 'zod';

/** A schema that reads as the given one does, and sooner; the schema itself where it was said that no code is to be generated. */
export function compiled<Read>(schema: z.ZodType<Read>): z.ZodType<Read> {
  return z.config().jitless ? schema : z.compile(schema);
}
