/** Makes two readers from the schema of a state: one names every problem of a state, the other stops at the first problem. */

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

/** Two ways to read a state. */
export interface Reading<State> {
  /** For states that a handler returned. If the state is invalid, the error names every problem, for the handler's author. */
  readonly parse: ReadState<State>;
  /**
   * For states in handles. If the state is invalid, this function throws at the first problem. Collecting all the problems of a
   * long list would make a bad handle cost more than any good one.
   */
  readonly read: ReadState<State>;
}

/** Makes the two readers of a schema. If another copy of zod made the schema, both readers are the schema's own `parse`. */
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
 * The constructors of zod's checks. They are imported one by one: a bundler that sees zod's core imported as a whole would
 * include its error texts in all languages, 264 KB.
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

/**
 * Tells whether this copy of zod made a schema and all its parts. A schema of another copy may mean something else, and only
 * that copy's `parse` knows what.
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
    // The function of a lazy part threw.
    return false;
  }
}

/** The internals of a schema, or of a check. A check has no version. */
interface Internals {
  readonly version?: unknown;
  readonly constr?: unknown;
  readonly def: { readonly type?: string; readonly check?: string; readonly getter?: () => unknown };
}

function isMadeHere({ version, constr, def }: Internals): boolean {
  if (version !== undefined) return JSON.stringify(version) === VERSION;
  // A check that is a plain function of the author, given to `schema.check`, has no constructor.
  return CHECKS.has(constr) || (constr === undefined && def.check === 'custom');
}

function definitionOf({ def }: Internals): object {
  return def.type === 'lazy' ? [def.getter?.()] : def;
}
