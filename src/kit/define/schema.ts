/** What a tool takes and gives: its author's fields as zod has them, and the JSON Schemas (2020-12, MCP's default) that clients list. */
import * as z from 'zod';

/** Fields, as the SDK's `registerTool` takes them: a `z.object`, or what stands in one. */
export type Fields = z.ZodRawShape | z.ZodObject;

/** Of a tool that declares none. */
export type NoFields = Record<never, never>;

/** What fields read as. */
export type Values<Declared extends Fields> = Declared extends z.ZodObject
  ? z.output<Declared>
  : Declared extends z.ZodRawShape
    ? z.output<z.ZodObject<Declared>>
    : never;

export type JsonSchema = { readonly type: 'object'; readonly [member: string]: unknown };

/**
 * Fields as one schema, which has no others.
 *
 * @param where for the error: the tool, and the member of its configuration
 * @throws {TypeError} where they are no fields, or a `z.object` admits what it does not name
 */
export function schemaOf(where: string, declared: Fields = {}): z.ZodObject {
  if (declared instanceof z.ZodObject) {
    const { catchall } = declared.def;
    if (catchall === undefined || catchall instanceof z.ZodNever) return declared.strict();
    throw new TypeError(`${where} names every field: no z.looseObject(…) and no .catchall(…); a z.record(…) can be one of the fields`);
  }
  const isShape = typeof declared === 'object' && declared !== null && Object.values(declared).every((field) => field instanceof z.ZodType);
  if (isShape && !(declared instanceof z.ZodType)) return z.strictObject(declared);
  throw new TypeError(`${where} takes a z.object(…), or the fields in one, as in { by: z.int() }`);
}

/** The schema of a tool's arguments. It allows no others, so that clients that check find a misspelt one; servers forgive. */
export function inputSchema(fields: z.ZodObject, takesHandle: boolean): JsonSchema {
  const json = toJsonSchema(fields, 'input');
  return takesHandle ? withHandle(json) : json;
}

/**
 * The schema of a tool's structured content: the handle, where it answers with one, and the tool's own fields; or an error.
 * Some clients hold results with `isError` to the output schema too, so it admits both. What stands beside every
 * handle and in every error is the same for all tools, and not repeated for each.
 */
export function outputSchema(fields: z.ZodObject, hasHandle: boolean): JsonSchema {
  const json = toJsonSchema(fields, 'output');
  const { required = [], additionalProperties: _never, ...schema } = hasHandle ? withHandle(json) : json;
  return { ...schema, anyOf: [{ required }, { required: ['error'] }] };
}

/** The handle comes first: a model writes arguments in the order of their schema. */
function withHandle({ type, properties, required = [], ...others }: ObjectSchema): ObjectSchema {
  return { type, properties: { handle: { type: 'string' }, ...properties }, required: ['handle', ...required], ...others };
}

const HEADER = 'x-mcp-header';

/** A field name (RFC 9110 §5.1). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What holds values and no schemas. */
const DATA = ['default', 'const', 'enum', 'examples'];

/**
 * Whether arguments are to stand in headers, too: `z.string().meta({ 'x-mcp-header': 'Region' })` (MCP 2026-07-28, Streamable
 * HTTP, "Custom Headers from Tool Parameters"). Clients drop a tool that asks for that wrongly, and tell its author nothing.
 *
 * @param where for the error
 * @throws {TypeError} where clients would drop the tool
 */
export function mirrorsArguments(where: string, schema: JsonSchema): boolean {
  const names = new Set<string>();
  const visit = (inner: unknown, isProperty: boolean, isReachable: boolean): void => {
    if (typeof inner !== 'object' || inner === null) return;
    const members = inner as Readonly<Record<string, unknown>>;
    if (Object.hasOwn(members, HEADER)) names.add(headerOf(where, members, isProperty, names));
    for (const [keyword, value] of Object.entries(members)) {
      if (DATA.includes(keyword)) continue;
      if (keyword !== 'properties') visit(value, false, false);
      else for (const property of Object.values(value as object)) visit(property, isReachable, isReachable);
    }
  };
  visit(schema, false, true);
  return names.size > 0;
}

function headerOf(where: string, schema: Readonly<Record<string, unknown>>, isProperty: boolean, taken: ReadonlySet<string>): string {
  const { [HEADER]: name, type } = schema;
  if (typeof name !== 'string' || !TOKEN.test(name)) throw new TypeError(`${where}: ${HEADER} names a header, as "Region" does`);
  if (!isProperty || !['string', 'integer', 'boolean'].includes(String(type))) {
    const what = 'is for arguments that are texts, whole numbers or booleans, and for nothing within lists, unions or what may be null';
    throw new TypeError(`${where}: ${HEADER} "${name}" ${what}`);
  }
  if (taken.has(name.toLowerCase())) throw new TypeError(`${where}: two arguments have the ${HEADER} "${name}"`);
  return name.toLowerCase();
}

/** What zod makes of a `z.object`. */
interface ObjectSchema extends JsonSchema {
  readonly properties: object;
  readonly required?: readonly string[];
}

function toJsonSchema(fields: z.ZodObject, io: 'input' | 'output'): ObjectSchema {
  const { $schema: _implied, ...json } = z.toJSONSchema(fields, { io, override: tersely });
  return json as unknown as ObjectSchema;
}

/** Definitions are read by models, who pay by the character: bounds that say nothing are left out. */
function tersely({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}
