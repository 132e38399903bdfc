/** Headers that repeat a tool's arguments (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters"). */

/** The path of an argument, and its header's name after `Mcp-Param-`. */
export interface ParamHeader {
  readonly path: readonly string[];
  readonly name: string;
}

const KEY = 'x-mcp-header';

/** Valid names of HTTP fields (RFC 9110 §5.1). */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const TYPES = ['string', 'integer', 'boolean', 'number'];

/**
 * Values that are sent without encoding: visible ASCII, with spaces and tabs only inside. Values that look encoded are
 * not among them, because the server would decode them.
 */
const PLAIN = /^(?!=\?base64\?.*\?=$)[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** The maximum depth of a schema. */
const DEEPEST = 128;

/**
 * Returns the headers that a tool's input schema asks for. Returns undefined if an `x-mcp-header` in it is invalid. The
 * specification requires clients to leave out such a tool.
 */
export function paramHeaders(inputSchema: unknown): readonly ParamHeader[] | undefined {
  const found: ParamHeader[] = [];
  const names = new Set<string>();
  const isGood = (schema: unknown, path: readonly string[], isArgument: boolean): boolean => {
    if (typeof schema !== 'object' || schema === null) return true;
    if (path.length > DEEPEST) return false;
    const members = schema as Record<string, unknown>;
    const name = members[KEY];
    if (name !== undefined) {
      const isFit = isArgument && typeof name === 'string' && TOKEN.test(name) && TYPES.includes(String(members['type']));
      if (!isFit || names.has(name.toLowerCase())) return false;
      names.add(name.toLowerCase());
      found.push({ path, name });
    }
    return Object.entries(members).every(([keyword, value]) => {
      if (keyword !== 'properties' || typeof value !== 'object' || value === null) return isGood(value, [...path, keyword], false);
      const stays = isArgument || path.length === 0;
      return Object.entries(value).every(([property, inner]) => isGood(inner, [...path, property], stays));
    });
  };
  return isGood(inputSchema, [], false) ? found : undefined;
}

/** Returns the headers for the arguments of a call. Only strings, numbers and booleans get a header. */
export function headersOf(wanted: readonly ParamHeader[], args: unknown): Record<string, string> {
  const headers = wanted.flatMap(({ path, name }) => {
    const value = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], args);
    const isPlain = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number';
    return isPlain ? [[`Mcp-Param-${name}`, encoded(String(value))] as const] : [];
  });
  return Object.fromEntries(headers);
}

function encoded(value: string): string {
  return PLAIN.test(value) ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
