/** Translates the parameters of a request: aliases become handles. */
import { findHandles } from '../scan/index.ts';
import { WalletRefusal } from './held-tool.ts';
import { ExcessiveMessage, mapStrings, requireShallow } from './json-handles.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * Returns the handle that a text means, or else the text itself.
 *
 * @param isHandle whether the text is the argument `handle`
 * @throws {WalletRefusal} if the text looks like an alias that the wallet does not hold
 */
export type Resolve = (text: string, isHandle?: boolean) => string;

/** An alias inside a URI. */
const ADDRESS = /task_[a-z0-9]{6}(?:@\d+)?/g;

/**
 * Members of `params`, besides `arguments`, that may contain an alias: responses to input requests, and the argument
 * and context of a completion.
 */
const REPEATING = ['inputResponses', 'argument', 'context'];

/** Members of `params` with URIs of resources. */
const ADDRESSING = ['uri', 'notifications'];

/** Translates the parameters of a request. @throws {ExcessiveMessage} if they are too deep */
export function withHandles(params: Members, resolve: Resolve): Members {
  const lenient = leniently(resolve);
  const changed = Object.entries(params).map(([name, value]) => {
    if (name === 'arguments') return [name, withHandlesInArguments(value, resolve)];
    if (ADDRESSING.includes(name)) return [name, mapStrings(value, (text) => text.replace(ADDRESS, lenient))];
    return [name, REPEATING.includes(name) ? mapStrings(value, lenient) : value];
  });
  return Object.fromEntries(changed);
}

/** Makes `resolve` return the text that it would refuse: people may type text that only looks like an alias. */
export function leniently(resolve: Resolve): (text: string) => string {
  return (text) => {
    try {
      return resolve(text);
    } catch (error) {
      if (error instanceof WalletRefusal) return text;
      throw error;
    }
  };
}

/**
 * Translates the arguments of a call. If a tool calls another tool, the other tool's arguments are in the argument
 * `arguments`, and are translated in the same way. Some models write arguments as JSON in a string.
 */
function withHandlesInArguments(args: unknown, resolve: Resolve, depth = 0): unknown {
  requireShallow(depth);
  if (typeof args === 'string') return insideJson(args, (held) => withHandlesInArguments(held, resolve, depth + 1)) ?? resolve(args);
  if (!isMembers(args)) return withHandlesIn(args, resolve);
  const before = Object.entries(args);
  const changed = before.map(([name, value]) => {
    if (name === 'handle') return [name, handleArgument(value, resolve)];
    return [name, name === 'arguments' ? withHandlesInArguments(value, resolve, depth + 1) : withHandlesIn(value, resolve)];
  });
  return changed.every(([, value], index) => value === before[index]?.[1]) ? args : Object.fromEntries(changed);
}

/**
 * Translates the argument `handle`. Some models wrap it, as in `{"handle": …}` and in a list. An object with further
 * members stays an object, because these members may limit what the model wants.
 */
function handleArgument(value: unknown, resolve: Resolve): unknown {
  const isWrapped = isMembers(value) && Object.keys(value).length === 1;
  const [only, ...others] = Array.isArray(value) ? new Set<unknown>(value) : [isWrapped ? value['handle'] : value];
  return typeof only === 'string' && others.length === 0 ? resolve(only, true) : withHandlesIn(value, resolve);
}

function withHandlesIn(value: unknown, resolve: Resolve): unknown {
  return mapStrings(value, (text) => insideJson(text, (held) => withHandlesIn(held, resolve)) ?? resolve(text));
}

/**
 * Translates the JSON object or list that a text contains, and writes the result as text. If nothing changes, the text
 * stays as it is, because another spelling of a number could have another meaning.
 *
 * @returns undefined if the text contains no JSON object or list
 */
function insideJson(text: string, translate: (held: unknown) => unknown): string | undefined {
  const held = jsonIn(text);
  if (held === undefined) return undefined;
  try {
    const translated = translate(held);
    // JSON can spell a number as JavaScript cannot: a large id would change. Then the text stays as it is.
    const isFaithful = translated !== held && numbersIn(text) === numbersIn(JSON.stringify(held));
    return isFaithful ? JSON.stringify(translated) : text;
  } catch (error) {
    // A text may contain JSON of any depth: the text is no deeper for that.
    if (error instanceof ExcessiveMessage) return text;
    throw error;
  }
}

/** Returns the numbers in a JSON text, as they are spelled. */
function numbersIn(json: string): string {
  return (json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '').match(/-?\d[\d.eE+-]*/g) ?? []).join();
}

/** Returns the JSON object or list that a text contains. */
function jsonIn(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** Returns the arguments of a call as an object. @returns undefined if they are neither an object nor JSON of one */
export function argumentsIn(params: unknown): Members | undefined {
  const args: unknown = isMembers(params) ? params['arguments'] : undefined;
  const held = typeof args === 'string' ? jsonIn(args) : args;
  return isMembers(held) ? held : undefined;
}

/**
 * Returns the argument `handle`, as the model wrote it, if no handle took its place. Looks also in a call inside the
 * call (`arguments`).
 *
 * @param given the parameters from the model
 * @param sent the parameters for the server
 */
export function noHandleIn(given: unknown, sent: unknown): string | undefined {
  const [before, after] = [argumentsIn(given), argumentsIn(sent)];
  if (before === undefined || after === undefined) return undefined;
  const { handle } = after;
  if (typeof handle === 'string' && !findHandles(handle).next().done) return undefined;
  if (handle === undefined || handle === null) return noHandleIn(before, after);
  return typeof before['handle'] === 'string' ? before['handle'] : JSON.stringify(before['handle']);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
