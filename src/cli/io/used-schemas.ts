/**
 * Lets zod compile only schemas that are used often, because compiling takes longer than a few uses. Otherwise a server
 * would answer its first call later. Import this before all modules that make schemas, including the SDK.
 */
import 'zod/compile';
import * as z from 'zod';

/** How often a schema is used before zod compiles it. */
const FEW_USES = 32;

// `zod/compile` has set this function, which makes zod compile a schema at its next use.
const { postProcessor: compileAtNextUse } = z.config();

z.config({
  postProcessor: (schema: z.core.$ZodType) => {
    const { run } = schema._zod;
    // zod also calls this function for objects that are not schemas.
    if (run === undefined) return;
    let uses = 0;
    const counted: typeof run & { __originalRun?: typeof run } = (payload, context) => {
      uses += 1;
      if (uses <= FEW_USES) return run(payload, context);
      schema._zod.run = run;
      compileAtNextUse?.(schema);
      return schema._zod.run(payload, context);
    };
    // If `run` is wrapped, zod looks for the original here.
    counted.__originalRun = run;
    schema._zod.run = counted;
  },
});
