import { MAX_DEPTH, StateTooLarge } from '../../handle/index.ts';

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
