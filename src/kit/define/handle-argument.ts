import * as z from 'zod';
import { isTakes } from './declaration.ts';
import type { Takes } from './kind.ts';

const taken = z.registry<{ takes: Takes<unknown> }>();

/**
 * Returns the schema of an argument that is a handle, for a tool's `inputSchema`. Clients pass the handle, and the
 * handler gets the validated state.
 *
 * Use this schema in a tool that reads a second task, for example to merge two baskets. The second handle must have the
 * right `read`, or the right to call the tool.
 *
 * @param takes the kind of the handle, or several kinds from {@link oneOf}
 * @throws {TypeError} the value is no kind
 *
 * @example
 * ```ts
 * import { defineKind, handleOf, updateTool } from 'waxseal';
 * import * as z from 'zod';
 *
 * const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });
 *
 * const merge = updateTool(
 *   basket,
 *   'merge_baskets',
 *   { description: 'Adds the items of another basket.', inputSchema: { other: handleOf(basket) } },
 *   ({ items }, { other }) => ({ state: { items: [...items, ...other.items] }, text: 'Merged.' }),
 * );
 * ```
 */
export function handleOf<Value>(takes: Takes<Value>): z.ZodType<Value, string> {
  if (!isTakes(takes)) throw new TypeError('handleOf: expected a kind or several from oneOf, for example handleOf(basket)');
  return z.string().register(taken, { takes }) as unknown as z.ZodType<Value, string>;
}

/**
 * Finds the arguments that are handles. Returns the kinds that each takes, by the argument's name.
 *
 * @throws {TypeError} a handle is inside another argument
 */
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

/** Refuses a handle inside another argument. The kit would not open it, and the handler would get its text. */
function requireNoneWithin(name: string, schema: z.ZodType): void {
  const override = ({ zodSchema }: { zodSchema: unknown }) => {
    if (taken.get(zodSchema as z.ZodType) === undefined) return;
    throw new TypeError(
      `${name}: handleOf must be a whole argument. It can be made optional and described, but not wrapped or put inside another schema.`,
    );
  };
  for (const io of ['input', 'output'] as const) z.toJSONSchema(schema, { io, unrepresentable: 'any', override });
}
