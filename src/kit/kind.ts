import * as z from 'zod';
import { KIND, MAX_LIFETIME } from '../handle/index.ts';

/** A kind of task state, and the rules for the handles that carry it. */
export interface Kind<State = unknown> {
  /** `name@version`, as handles carry it. */
  readonly id: string;
  readonly schema: z.ZodType<State>;
  /** How long a task's handles open, from the first. Seconds. */
  readonly lifetime: number;
  /** Whether the client sees the whole state in results anyway. Permits compression. */
  readonly visible: boolean;
}

export interface KindDeclaration<State> {
  /** Lower-case letters, digits, `_`, `-`; at most 32 characters. */
  readonly name: string;
  /** 1, and one more whenever the schema changes. */
  readonly version: number;
  /** Of JSON values: what JSON cannot write (dates, maps, transforms), a handle cannot carry. */
  readonly schema: z.ZodType<State>;
  /** Seconds, 1 to 2,592,000 (30 days). */
  readonly lifetime: number;
  /** Default: false. Say true only where tools tell the client all of the state. */
  readonly visible?: boolean;
}

/**
 * Declares a kind of handle.
 *
 * @throws {TypeError} where the name, version or lifetime is out of bounds, or the schema admits more than JSON
 */
export function defineKind<State>({ name, version, schema, lifetime, visible = false }: KindDeclaration<State>): Kind<State> {
  const id = `${name}@${version}`;
  if (!KIND.test(id)) throw new TypeError(`defineKind: "${id}" is not a kind; expected something like "basket@1"`);
  if (!(Number.isInteger(lifetime) && lifetime >= 1 && lifetime <= MAX_LIFETIME)) {
    throw new TypeError(`defineKind: lifetime must be 1 to ${MAX_LIFETIME} whole seconds`);
  }
  requireJson(id, schema);
  return { id, schema, lifetime, visible };
}

function requireJson(id: string, schema: z.ZodType): void {
  try {
    z.toJSONSchema(schema);
  } catch (error) {
    throw new TypeError(`defineKind: the state of ${id} must be JSON: ${(error as Error).message}`);
  }
}
