/** Two readers for the schema of a state. One names every problem of an invalid state, and one stops at the first. */

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

/** The two readers of a schema. */
export interface Reading<State> {
  /** Reads a state that a handler returned. The error names every problem, for the handler's author. */
  readonly parse: ReadState<State>;
  /**
   * Reads a state from a handle. Normally, it throws at the first problem, because collecting all problems of a long
   * list takes longer than opening any valid handle.
   */
  readonly read: ReadState<State>;
}

/** Makes both readers. If another copy of zod made the schema or a part of it, both are the schema's own `parse`. */
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

/** The constructors of zod's checks. An import of all of zod's core would add 264 KB of error texts to bundles. */
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

/**
 * Tells whether this copy of zod made a schema and all its parts. Only the copy that made a schema understands it.
 */
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
    // The function of a `z.lazy` threw an error.
    return false;
  }
}

/** The internals of a schema or of a check. Only a schema has a version. */
interface Internals {
  readonly version?: unknown;
  readonly constr?: unknown;
  readonly def: { readonly type?: string; readonly check?: string; readonly getter?: () => unknown };
}

function isMadeHere({ version, constr, def }: Internals): boolean {
  if (version !== undefined) return JSON.stringify(version) === VERSION;
  // If `schema.check` got a plain function, the check that zod made from it has no `constr`.
  return CHECKS.has(constr) || (constr === undefined && def.check === 'custom');
}

function definitionOf({ def }: Internals): object {
  return def.type === 'lazy' ? [def.getter?.()] : def;
}
