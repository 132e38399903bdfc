/**
 * Lets zod compile only the schemas that are used often. Compiling a schema takes longer than using it a few times, so a
 * server that compiled each schema at its first use would answer its first call later. Import this module before all modules
 * that make schemas, the SDK's among them.
 */
import 'zod/compile';
import * as z from 'zod';

/** How often a schema is used before zod compiles it. */
const FEW_USES = 32;

// `zod/compile` has set this function, which lets zod compile a schema at its next use.
const { postProcessor: compileAtNextUse } = z.config();

z.config({
  postProcessor: (schema: z.core.$ZodType) => {
    const { run } = schema._zod;
    // zod also calls this function for objects that are no schemas.
    if (run === undefined) return;
    let uses = 0;
    const counted: typeof run & { __originalRun?: typeof run } = (payload, context) => {
      uses += 1;
      if (uses <= FEW_USES) return run(payload, context);
      schema._zod.run = run;
      compileAtNextUse?.(schema);
      return schema._zod.run(payload, context);
    };
    // The name under which zod looks for the function that a wrapper stands in front of.
    counted.__originalRun = run;
    schema._zod.run = counted;
  },
});
