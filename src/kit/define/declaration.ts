/** Checks of a tool's declaration. JavaScript authors have no compiler that makes these checks. */
import type * as z from 'zod';

/** The spelling of a tool's name (MCP 2026-07-28, server/tools, "Tool Names"). */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** The members of a configuration. Others are refused, because a misspelt member would otherwise have no effect. */
const MEMBERS = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations', '_meta', 'scopeChallenge', 'strict'];
const HINTS = ['title', 'readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];

export function requireDeclaration(takes: unknown, name: unknown, config: unknown, handler: unknown): void {
  if (!isTakes(takes)) {
    throw new TypeError('the first argument must be a kind, and the second the name: createTool(kind, name, config, handler)');
  }
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new TypeError(
      `${JSON.stringify(name)} cannot be the name of a tool. A name has 1 to 128 characters: letters, digits, "_", "-" and ".".`,
    );
  }
  if (name === 'read') throw new TypeError('"read" cannot be the name of a tool: it is the right to call every tool that only reads');
  const { description, annotations = {} } = (config ?? {}) as { description?: unknown; annotations?: object };
  if (typeof description !== 'string')
    throw new TypeError(`${name}: the description is missing. It tells the model in a few words what the tool does.`);
  requireKnown(`${name}: the configuration`, config as object, MEMBERS);
  requireKnown(`${name}: annotations`, annotations, HINTS);
  for (const [hint, value] of Object.entries(annotations)) {
    const type = hint === 'title' ? 'string' : 'boolean';
    if (value !== undefined && typeof value !== type)
      throw new TypeError(`${name}: annotations.${hint} must be ${type === 'string' ? 'a string' : 'true or false'}`);
  }
  if (typeof handler !== 'function') {
    throw new TypeError(`${name}: the handler is missing. Pass a function as the argument after the configuration.`);
  }
}

/** Tells whether a value is a kind, or several kinds from `oneOf`. */
export function isTakes(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'readers' in value;
}

export function requireKnown(where: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).filter((member) => !known.includes(member));
  if (unknown.length > 0) throw new TypeError(`${where} cannot have ${unknown.join(', ')}; it can have ${known.join(', ')}`);
}

export function requireOwnFields(name: string, input: z.ZodObject, output: z.ZodObject): void {
  const taken = ['handle', 'handle_info', 'error'].filter((field) => field in input.shape || field in output.shape);
  if (taken.length > 0)
    throw new TypeError(
      `${name}: choose another name for ${taken.join(' and ')}: the kit itself uses the names handle, handle_info and error`,
    );
}
