import { MAX_DEPTH, StateTooLarge, shortDigest } from '../../handle/index.ts';

/**
 * A value as JSON writes it.
 *
 * @param replace as `JSON.stringify` has it
 * @returns undefined for what JSON leaves out
 * @throws {StateTooLarge} where it nests deeper than the stack goes, as what clients send may
 * @throws {TypeError} where JSON cannot write it
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
 * A digest of any JSON, for holding a sealed value to the question that it belongs to: 128 bits of SHA-256, base64url.
 *
 * @throws {StateTooLarge} where it nests deeper than the stack goes
 * @throws {TypeError} where it is not JSON
 */
export async function digestOf(value: unknown): Promise<string> {
  return shortDigest(jsonOf(value, ordered) ?? '', 16);
}

/** Clients may write the members of an object in another order when they ask again. */
function ordered(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Of a Map, or of an object with private fields, JSON writes nothing: any two of them would be the same.
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) throw new TypeError('only JSON has a digest');
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
