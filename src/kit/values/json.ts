import { MAX_DEPTH, StateTooLarge, shortDigest } from '../../handle/index.ts';

/**
 * Writes a value as JSON.
 *
 * @param replace the replacer of `JSON.stringify`
 * @returns the JSON; undefined if JSON cannot contain the value, for example a function
 * @throws {StateTooLarge} `state_too_large`: the value is nested too deep for the call stack. A client can send such a
 *   value.
 * @throws {TypeError} the value is circular, or contains a bigint
 */
export function jsonOf(value: unknown, replace?: (name: string, value: unknown) => unknown): string | undefined {
  try {
    return JSON.stringify(value, replace);
  } catch (error) {
    if (error instanceof RangeError) throw new StateTooLarge(Number.POSITIVE_INFINITY, MAX_DEPTH, 'levels');
    throw error;
  }
}

/**
 * Digests a JSON value: 128 bits of SHA-256, in base64url. A sealed request state contains the digest of a request's
 * arguments, and a cursor contains the digest of its list.
 *
 * @throws {StateTooLarge} `state_too_large`: the value is nested too deep for the call stack
 * @throws {TypeError} the value is not JSON
 */
export async function digestOf(value: unknown): Promise<string> {
  return shortDigest(jsonOf(value, ordered) ?? '', 16);
}

/** Sorts the members of an object, because a client may order them differently in its next call. */
function ordered(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Objects that are not plain are refused. JSON writes every Map as {}, for example, so all Maps would have one digest.
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) throw new TypeError('a value that is not JSON has no digest');
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
