/** How states are read by their schema: quickly where they fit, and at once given up where they do not. */

import * as z from 'zod';
import {
  $ZodCheck,
  $ZodCheckBigIntFormat,
  $ZodCheckEndsWith,
  $ZodCheckGreaterThan,
  $ZodCheckIncludes,
  $ZodCheckLengthEquals,
  $ZodCheckLessThan,
  $ZodCheckLowerCase,
  $ZodCheckMaxLength,
  $ZodCheckMaxSize,
  $ZodCheckMimeType,
  $ZodCheckMinLength,
  $ZodCheckMinSize,
  $ZodCheckMultipleOf,
  $ZodCheckNumberFormat,
  $ZodCheckOverwrite,
  $ZodCheckProperties,
  $ZodCheckProperty,
  $ZodCheckRegex,
  $ZodCheckSizeEquals,
  $ZodCheckStartsWith,
  $ZodCheckStringFormat,
  $ZodCheckUpperCase,
} from 'zod/v4/core';
import { compiled } from '#schemas';
import type { ReadState } from '../../handle/index.ts';

export interface Reading<State> {
  /** Throws with everything that is wrong with a state: for who wrote it. */
  readonly parse: ReadState<State>;
  /**
   * Throws at the first thing that is wrong: for states in handles. To collect them all from a long list would cost
   * more to refuse than anything costs to accept.
   */
  readonly read: ReadState<State>;
}

export function readingOf<State>(schema: z.ZodType<State>): Reading<State> {
  const parse: ReadState<State> = (state) => schema.parse(state);
  if (!isOfThisZod(schema)) return { parse, read: parse };
  const quick = compiled(schema);
  return {
    parse: (state) => quick.parse(state),
    read: (state) => {
      if (!z.validate(quick, state)) throw new TypeError('not a state of this kind');
      return quick.parse(state);
    },
  };
}

/**
 * What checks are made by. One by one, for a bundler that sees zod's core used as a whole takes in its error texts in all
 * languages, 264 KB.
 */
const CHECKS = new Set<unknown>([
  $ZodCheck,
  $ZodCheckLessThan,
  $ZodCheckGreaterThan,
  $ZodCheckMultipleOf,
  $ZodCheckNumberFormat,
  $ZodCheckBigIntFormat,
  $ZodCheckMaxSize,
  $ZodCheckMinSize,
  $ZodCheckSizeEquals,
  $ZodCheckMaxLength,
  $ZodCheckMinLength,
  $ZodCheckLengthEquals,
  $ZodCheckStringFormat,
  $ZodCheckRegex,
  $ZodCheckLowerCase,
  $ZodCheckUpperCase,
  $ZodCheckIncludes,
  $ZodCheckStartsWith,
  $ZodCheckEndsWith,
  $ZodCheckProperty,
  $ZodCheckProperties,
  $ZodCheckMimeType,
  $ZodCheckOverwrite,
]);
const VERSION = JSON.stringify(z.unknown()._zod.version);

/** Of another copy of zod a schema means what that copy takes it to mean, and only its own `parse` knows. So does one that has such a part. */
function isOfThisZod(schema: z.ZodType): boolean {
  const seen = new Set<unknown>();
  const isOurs = (part: unknown): boolean => {
    if (typeof part !== 'object' || part === null || seen.has(part)) return true;
    seen.add(part);
    if ('_zod' in part) return isMadeHere(part._zod as Internals) && areOurs(definitionOf(part._zod as Internals));
    return Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype ? areOurs(part) : true;
  };
  const areOurs = (parts: object) => Object.values(parts).every(isOurs);
  try {
    return isOurs(schema);
  } catch {
    // A lazy part that does not come when it is asked for.
    return false;
  }
}

/** Of a schema, or of a check, which has no version. */
interface Internals {
  readonly version?: unknown;
  readonly constr?: unknown;
  readonly def: { readonly type?: string; readonly check?: string; readonly getter?: () => unknown };
}

function isMadeHere({ version, constr, def }: Internals): boolean {
  if (version !== undefined) return JSON.stringify(version) === VERSION;
  // A check that is nothing but its author's function is made by none.
  return CHECKS.has(constr) || (constr === undefined && def.check === 'custom');
}

function definitionOf({ def }: Internals): object {
  return def.type === 'lazy' ? [def.getter?.()] : def;
}
