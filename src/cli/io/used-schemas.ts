/**
 * Lets zod compile only the schemas that are used often. Compiling a schema takes longer than using the schema a few times.
 * A server that compiled each schema at its first use would therefore answer its first call later. Import this module before
 * all modules that make schemas, including the SDK.
 */
import 'zod/compile';
import * as z from 'zod';

/** The number of times that a schema is used before zod compiles it. */
const FEW_USES = 32;

// `zod/compile` has set this function. It makes zod compile a schema at the schema's next use.
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
    // If a function wraps `run`, zod looks for the original function under this name.
    counted.__originalRun = run;
    schema._zod.run = counted;
  },
});
