/**
 * The schemas of a tool's arguments and structured content. Authors write them with zod. Clients get JSON Schema
 * 2020-12, the default of MCP.
 */
import * as z from 'zod';

/** A declaration of fields, as the SDK's `registerTool` takes it: a `z.object` or its shape. */
export type Fields = z.ZodRawShape | z.ZodObject;

/** The fields of a tool that declares none. */
export type NoFields = Record<never, never>;

/** The type of values with the declared fields. */
export type Values<Declared extends Fields> = Declared extends z.ZodObject
  ? z.output<Declared>
  : Declared extends z.ZodRawShape
    ? z.output<z.ZodObject<Declared>>
    : never;

/** A JSON Schema (2020-12) of an object. */
export type JsonSchema = { readonly type: 'object'; readonly [member: string]: unknown };

/**
 * Makes a schema from the declared fields. It accepts no other fields.
 *
 * @param where the tool and the member of its configuration, for the error message
 * @throws {TypeError} the value is no declaration of fields, or a `z.object` that accepts undeclared fields
 */
export function schemaOf(where: string, declared: Fields = {}): z.ZodObject {
  if (declared instanceof z.ZodObject) {
    const { catchall } = declared.def;
    if (catchall === undefined || catchall instanceof z.ZodNever) return declared.strict();
    throw new TypeError(
      `${where} must name every field: it cannot be a z.looseObject(…) or have a .catchall(…). For free names, make a z.record(…) one of the fields.`,
    );
  }
  const isShape = typeof declared === 'object' && declared !== null && Object.values(declared).every((field) => field instanceof z.ZodType);
  if (isShape && !(declared instanceof z.ZodType)) return z.strictObject(declared);
  throw new TypeError(`${where} must be a z.object(…), or an object of zod schemas, for example { by: z.int() }`);
}

/**
 * Makes the JSON Schema of a tool's arguments. It allows only declared arguments, so that a client that validates finds
 * a misspelt name. The server itself may ignore undeclared arguments: see `readArguments`.
 *
 * @param where the tool and the member of its configuration, for the error message
 * @throws {TypeError} JSON cannot represent a field, for example a date
 */
export function inputSchema(where: string, fields: z.ZodObject, takesHandle: boolean): JsonSchema {
  const json = toJsonSchema(where, fields, 'input');
  return takesHandle ? withHandle(json) : json;
}

/**
 * Makes the JSON Schema of a tool's structured content. It accepts an error, because some clients validate even a
 * result with `isError`. It does not describe the members of `handle_info` and `error`. These are the same for all
 * tools, and would cost tokens in every definition.
 */
export function outputSchema(where: string, fields: z.ZodObject, hasHandle: boolean): JsonSchema {
  const json = toJsonSchema(where, fields, 'output');
  const { required = [], additionalProperties: _never, ...schema } = hasHandle ? withHandle(json) : json;
  return { ...schema, anyOf: [{ required }, { required: ['error'] }] };
}

/** Adds the handle as the first property. A model follows the order of the schema, so it writes the handle first. */
function withHandle({ type, properties, required = [], ...others }: ObjectSchema): ObjectSchema {
  return { type, properties: { handle: { type: 'string' }, ...properties }, required: ['handle', ...required], ...others };
}

const HEADER = 'x-mcp-header';

/** The name of an HTTP field (RFC 9110 §5.1). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Keywords of JSON Schema whose values are data, not schemas. */
const DATA = ['default', 'const', 'enum', 'examples'];

/**
 * Tells whether clients must repeat some of the arguments in HTTP headers (MCP 2026-07-28, Streamable HTTP, "Custom
 * Headers from Tool Parameters"). An author declares this with `z.string().meta({ 'x-mcp-header': 'Region' })`.
 *
 * This function checks the rules of that page, because clients silently drop a tool that breaks them.
 *
 * @param where the tool and the member of its configuration, for the error message
 * @throws {TypeError} a client would drop the tool
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
  if (typeof name !== 'string' || !TOKEN.test(name)) {
    throw new TypeError(`${where}: ${HEADER} must be the name of a header, for example "Region"`);
  }
  if (!isProperty || !['string', 'integer', 'boolean'].includes(String(type))) {
    const rule = 'is allowed on strings, integers and booleans only, and not inside an array, a union or a nullable value';
    throw new TypeError(`${where}: ${HEADER} "${name}" ${rule}`);
  }
  if (taken.has(name.toLowerCase())) throw new TypeError(`${where}: two arguments have the ${HEADER} "${name}"`);
  return name.toLowerCase();
}

interface ObjectSchema extends JsonSchema {
  readonly properties: object;
  readonly required?: readonly string[];
}

function toJsonSchema(where: string, fields: z.ZodObject, io: 'input' | 'output'): ObjectSchema {
  try {
    const { $schema: _implied, ...json } = z.toJSONSchema(fields, { io, override: tersely });
    return json as unknown as ObjectSchema;
  } catch (error) {
    // Without a single field that fails, the fields fail together, for example because two share an id.
    const field = Object.entries(fields.shape).find(([, schema]) => !isWritable(schema, io))?.[0];
    throw new TypeError(`${where}${field === undefined ? '' : `.${field}`} must be JSON: ${(error as Error).message}`);
  }
}

function isWritable(schema: z.core.$ZodType, io: 'input' | 'output'): boolean {
  try {
    z.toJSONSchema(schema, { io });
    return true;
  } catch {
    return false;
  }
}

/** Removes the bounds that zod adds to every integer. Each character of a definition costs tokens. */
function tersely({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}
