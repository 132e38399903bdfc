import * as z from 'zod';
import type { Takes } from './kind.ts';

const taken = z.registry<{ takes: Takes<unknown> }>();

/**
 * An argument that is a handle: a tool declares it among its input, clients pass the handle, and the tool's function
 * finds the validated state in its place. For tools that look at other tasks than the one they move on: to merge two
 * baskets, say. What is only looked at needs no more than the right to read.
 */
export function handleOf<Value>(takes: Takes<Value>): z.ZodType<Value, string> {
  return z.string().register(taken, { takes }) as unknown as z.ZodType<Value, string>;
}

/** The arguments that are handles, by name, with what each of them may be. @throws {TypeError} where one is within another */
export function handlesAmong(shape: z.ZodRawShape): ReadonlyMap<string, Takes<unknown>> {
  const found = new Map<string, Takes<unknown>>();
  for (const [name, schema] of Object.entries(shape)) {
    const bare = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
    const takes = taken.get(bare as z.ZodType)?.takes as Takes<unknown> | undefined;
    if (takes !== undefined) found.set(name, takes);
    else requireNoneWithin(name, schema as z.ZodType);
  }
  return found;
}

/** Anywhere else a handle would not be opened, and the function would take for a state what a client wrote. */
function requireNoneWithin(name: string, schema: z.ZodType): void {
  const override = ({ zodSchema }: { zodSchema: unknown }) => {
    if (taken.get(zodSchema as z.ZodType) === undefined) return;
    throw new TypeError(`${name}: handleOf stands for a whole argument, which may be optional and described, and nothing else`);
  };
  for (const io of ['input', 'output'] as const) z.toJSONSchema(schema, { io, unrepresentable: 'any', override });
}
