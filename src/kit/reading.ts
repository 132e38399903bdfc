/** How states are read by their schema: quickly where they fit, and at once given up where they do not. */
import * as z from 'zod';
import type { ReadState } from '../handle/index.ts';

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
  // Where code may not be generated, on some edge runtimes, this is the schema itself.
  const compiled = z.compile(schema);
  return {
    parse: (state) => compiled.parse(state),
    read: (state) => {
      if (!z.validate(compiled, state)) throw new TypeError('not a state of this kind');
      return compiled.parse(state);
    },
  };
}

const VERSION = versionOf(z.unknown());

function versionOf({ _zod }: z.ZodType): string {
  return JSON.stringify(_zod.version);
}

/** Of another copy of zod a schema means what that copy takes it to mean, and only its own `parse` knows. So does one that has such a part. */
function isOfThisZod(part: unknown, seen = new Set<unknown>()): boolean {
  if (typeof part !== 'object' || part === null || seen.has(part)) return true;
  seen.add(part);
  const areAll = (parts: object) => Object.values(parts).every((inner) => isOfThisZod(inner, seen));
  if (isSchema(part)) {
    const { def } = part._zod;
    return versionOf(part) === VERSION && areAll(def.type === 'lazy' ? [(def as z.core.$ZodLazyDef).getter()] : def);
  }
  return Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype ? areAll(part) : true;
}

function isSchema(part: object): part is z.ZodType {
  return '_zod' in part && 'version' in (part._zod as object);
}
