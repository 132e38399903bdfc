/** The JSON Schemas (2020-12, MCP's default) that clients list, made once from zod's. */
import * as z from 'zod';

export type JsonSchema = { readonly type: 'object'; readonly [member: string]: unknown };

/** The schema of a tool's arguments. It allows no others, so that clients that check find a misspelt one; servers forgive. */
export function inputSchema(shape: z.ZodRawShape, takesHandle: boolean): JsonSchema {
  return toJsonSchema(z.strictObject({ ...(takesHandle && { handle: z.string() }), ...shape }), 'input');
}

/**
 * The schema of a tool's structured content: the handle and the tool's own fields, or an error.
 * Some clients hold results with `isError` to the output schema too, so it admits both. What stands beside every
 * handle and in every error is the same for all tools, and not repeated for each.
 */
export function outputSchema(shape: z.ZodRawShape): JsonSchema {
  const { required, properties } = toJsonSchema(z.object({ handle: z.string(), ...shape }), 'output');
  return {
    type: 'object',
    properties,
    anyOf: [{ required }, { required: ['error'] }],
  };
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _implied, ...json } = z.toJSONSchema(schema, { io, override: tersely });
  return json as JsonSchema;
}

/** Definitions are read by models, who pay by the character: bounds that say nothing are left out. */
function tersely({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}
