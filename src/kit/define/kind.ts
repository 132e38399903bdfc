import * as z from 'zod';
import { KIND, MAX_LIFETIME, type ReadState } from '../../handle/index.ts';
import { declaredMembers, misfit, ToolDefect } from '../values/defect.ts';
import { isObject, jsonOf } from '../values/json.ts';
import type { JsonSchema } from '../values/schema.ts';
import { isTakes, requireKnown } from './declaration.ts';
import { readingOf } from './state-reader.ts';

/** A kind of task state, and the rules for its handles. */
export interface Kind<State = unknown, Name extends string = string> {
  /** The name. It stays the same in every version. */
  readonly name: Name;
  /** The version of the schema. */
  readonly version: number;
  /** The name and the version, in the form of a handle's `kind` claim: `name@version`. */
  readonly id: string;
  /** The time from the start of a task to the expiry of its handles, in seconds. */
  readonly lifetime: number;
  /** Whether the client may see the whole state. If false, handles are never compressed. */
  readonly visible: boolean;
  /** The longest handle of this kind, in characters. Absent: the environment's limit holds. */
  readonly maxLength?: number | undefined;
  /** The names of all members that the schema declares. A log may show no other part of a state. */
  readonly members: ReadonlySet<string>;
  /** Validates a state of this version. The error for an invalid state names every problem. */
  readonly parse: ReadState<State>;
  /**
   * The functions that read a state: one for this version, and one for each earlier version. The key is the id of the
   * state's kind. Each function validates the state and migrates it to this version. It throws if the state is invalid.
   */
  readonly readers: ReadonlyMap<string, ReadState<State>>;
}

/** The declaration of a kind, for {@link defineKind}. */
export interface KindDeclaration<State, Name extends string = string, Old = never> {
  /**
   * Lower-case letters, digits, `_` and `-`; at most 32 characters. The kit reserves names that begin with `waxseal-`.
   */
  readonly name: Name;
  /** The version of the schema: a whole number from 1. Raise it whenever you change the schema. */
  readonly version: number;
  /** The schema of the state. The state must be JSON: no dates, no maps, no transforms. */
  readonly schema: z.ZodType<State>;
  /** The time from the start of a task to the expiry of its handles: 1 to 2,592,000 seconds (30 days). */
  readonly lifetime: number;
  /**
   * Whether the client may see the whole state. Default: false. If true, handles may be compressed, and their length
   * can then reveal a secret (RFC 8725 §3.6). So pass true only if the state hides nothing from the client.
   */
  readonly visible?: boolean;
  /** The longest handle of this kind, in characters: at least 2,048. The environment's limit holds as well. */
  readonly maxLength?: number;
  /**
   * Migrates states of the previous version to this version. Older states first pass through the migration of the
   * previous version.
   */
  readonly migration?: Migration<Old, NoInfer<State>>;
}

/** The migration from the previous version of a kind. */
export interface Migration<Old, State> {
  /** The kind of the previous version, as {@link defineKind} returned it. */
  readonly from: Kind<Old>;
  /** Returns the state in the form of the new version. */
  migrate(old: Old): State;
}

/**
 * Declares a kind of task state, and the rules for its handles.
 *
 * @throws {TypeError} the name, the version, the lifetime or the length is not allowed
 * @throws {TypeError} the schema is not a zod schema, or does not describe JSON
 * @throws {TypeError} the declaration has an unknown member
 * @throws {TypeError} the migration lacks its function, or does not come from an earlier version of this kind
 *
 * @example
 * ```ts
 * import { defineKind } from 'waxseal';
 * import * as z from 'zod';
 *
 * const noteV1 = defineKind({ name: 'note', version: 1, schema: z.strictObject({ text: z.string() }), lifetime: 86_400 });
 *
 * const note = defineKind({
 *   name: 'note',
 *   version: 2,
 *   schema: z.strictObject({ lines: z.array(z.string()) }),
 *   lifetime: 86_400,
 *   migration: { from: noteV1, migrate: ({ text }) => ({ lines: text.split('\n') }) },
 * });
 * ```
 */
export function defineKind<State, const Name extends string, Old = never>(
  declaration: KindDeclaration<State, Name, Old>,
): Kind<State, Name> {
  if (!isObject(declaration)) throw new TypeError('defineKind: expected a declaration: { name, version, schema, lifetime }');
  const { name, version, schema, lifetime, visible = false, maxLength, migration } = declaration;
  requireKnown('defineKind: the declaration', declaration, MEMBERS);
  if (!(Number.isInteger(version) && version >= 1 && version <= HIGHEST_VERSION)) {
    throw new TypeError(`defineKind: the version of ${name} must be a whole number from 1 to ${HIGHEST_VERSION}`);
  }
  const id = `${name}@${version}`;
  if (!KIND.test(id)) throw new TypeError(`defineKind: "${id}" is not a kind; expected something like "basket@1"`);
  if (name.startsWith(RESERVED)) throw new TypeError(`defineKind: the kit reserves names that begin with "${RESERVED}"`);
  if (!(Number.isInteger(lifetime) && lifetime >= 1 && lifetime <= MAX_LIFETIME)) {
    throw new TypeError(`defineKind: lifetime must be 1 to ${MAX_LIFETIME} whole seconds`);
  }
  if (maxLength !== undefined && !(Number.isInteger(maxLength) && maxLength >= SHORTEST_LIMIT)) {
    throw new TypeError(`defineKind: maxLength must be at least ${SHORTEST_LIMIT} characters`);
  }
  const members = declaredMembers(requireJson(id, schema));
  const { parse, read } = readingOf(schema);
  const readers = new Map<string, ReadState<State>>([[id, read]]);
  if (migration !== undefined) {
    if (!isObject(migration) || !isKind(migration.from)) {
      const expected = '{ from, migrate }, where from is the kind of the previous version';
      throw new TypeError(`defineKind: the migration of ${id} must be ${expected}`);
    }
    requireKnown('defineKind: the migration', migration, ['from', 'migrate']);
    const { from, migrate } = migration;
    if (!(from.name === name && from.version < version)) {
      throw new TypeError(`defineKind: ${id} cannot migrate from ${from.id}. A migration comes from an earlier version of the same kind.`);
    }
    if (typeof migrate !== 'function') {
      throw new TypeError(`defineKind: the migration of ${id} must have a function migrate, which makes the new state from the old state`);
    }
    const step = `the migration from ${from.id} to ${id}`;
    for (const [earlier, readEarlier] of from.readers) {
      readers.set(earlier, (state) => {
        const old = readEarlier(state);
        const migrated = attempt(() => migrate(old), `${step} threw`);
        return attempt(() => read(migrated), `${step} returned a state that does not fit the schema`);
      });
    }
  }
  return { name, version, id, lifetime, visible, maxLength, members, parse, readers };
}

function isKind(value: unknown): boolean {
  return isTakes(value) && !('kinds' in value);
}

/** Runs a function of the author. @throws {ToolDefect} with the given message, if the function throws */
function attempt<T>(work: () => T, message: string): T {
  try {
    return work();
  } catch (cause) {
    throw new ToolDefect(message, { cause });
  }
}

/** Returns the lifetime in the largest unit that gives a whole number: `90 minutes`, `24 hours`, `7 days`. */
export function lifetimeInWords({ lifetime }: Kind): string {
  const [unit, length] = UNITS.find(([, seconds, least]) => lifetime % seconds === 0 && lifetime >= least) ?? ['second', 1];
  const count = lifetime / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/**
 * For each unit: its name, its length in seconds, and the shortest lifetime that is written in this unit, in seconds. A
 * lifetime of one day is "24 hours", because "1 day" could mean the rest of the calendar day.
 */
const UNITS = [
  ['day', 86_400, 172_800],
  ['hour', 3600, 3600],
  ['minute', 60, 60],
] as const;

/**
 * The allowed members of a declaration. Others are refused, because a misspelt member would have no effect. For
 * example, if `migration` were misspelt, no tool would take the handles of earlier versions.
 */
const MEMBERS = ['name', 'version', 'schema', 'lifetime', 'visible', 'maxLength', 'migration'];

/** The highest version that fits into a handle's `kind` claim. */
const HIGHEST_VERSION = 999_999;

/** The prefix of the kit's own kinds, for request states and cursors. */
const RESERVED = 'waxseal-';

/**
 * The lowest limit on the length of handles. It leaves room for a tiny state and for the 1,024 characters that the
 * kit keeps free for ending a task.
 */
const SHORTEST_LIMIT = 2048;

function requireJson(id: string, schema: z.ZodType): JsonSchema {
  if (typeof schema !== 'object' || schema === null || !('_zod' in schema)) {
    throw new TypeError(`defineKind: the schema of ${id} must be a zod schema, such as z.strictObject({ count: z.int() })`);
  }
  try {
    return z.toJSONSchema(schema) as JsonSchema;
  } catch (error) {
    throw new TypeError(`defineKind: the state of ${id} must be JSON: ${(error as Error).message}`);
  }
}

/** A state and the name of its kind. */
export interface Tagged<State, Name extends string> {
  /** The kind's name, without its version. */
  readonly kind: Name;
  /** The state. */
  readonly state: State;
}

/** Several kinds, for a tool that takes handles of any of them. {@link oneOf} makes a `Choice`. */
export interface Choice<Value> {
  /** The kinds. */
  readonly kinds: readonly Kind[];
  /**
   * The functions that read a state. The key is the id of the state's kind. Each function adds the name of the kind.
   */
  readonly readers: ReadonlyMap<string, ReadState<Value>>;
}

type TaggedBy<Of> = Of extends Kind<infer State, infer Name> ? Tagged<State, Name> : never;

/**
 * Joins several kinds, for a tool that takes handles of any of them. The handler gets the state and the name of its
 * kind.
 *
 * @throws {TypeError} a value is no kind
 * @throws {TypeError} two kinds have the same name; pass only the newest version, which also reads earlier versions
 *
 * @example
 * ```ts
 * import { defineKind, oneOf, readTool } from 'waxseal';
 * import * as z from 'zod';
 *
 * const basket = defineKind({ name: 'basket', version: 1, schema: z.strictObject({ items: z.array(z.string()) }), lifetime: 3600 });
 * const order = defineKind({ name: 'order', version: 1, schema: z.strictObject({ to: z.string() }), lifetime: 86_400 });
 *
 * const show = readTool(oneOf(basket, order), 'show', { description: 'Shows a basket or an order.' }, (task) => ({
 *   text: task.kind === 'basket' ? task.state.items.join(', ') : `Goes to ${task.state.to}.`,
 * }));
 * ```
 */
export function oneOf<const Kinds extends readonly Kind[]>(...kinds: Kinds): Choice<TaggedBy<Kinds[number]>> {
  if (!kinds.every(isKind)) throw new TypeError('oneOf: expected kinds, for example oneOf(basket, order)');
  if (new Set(kinds.map(({ name }) => name)).size < kinds.length) throw new TypeError('oneOf: two kinds have the same name');
  const readers = new Map<string, ReadState<TaggedBy<Kinds[number]>>>();
  for (const { name, readers: reads } of kinds) {
    for (const [id, read] of reads) readers.set(id, (state) => ({ kind: name, state: read(state) }) as TaggedBy<Kinds[number]>);
  }
  return { kinds, readers };
}

/** The handles that a tool takes: of one kind, or of several. */
export type Takes<Value> = Kind<Value> | Choice<Value>;

export function kindsOf(takes: Takes<unknown>): readonly Kind[] {
  return 'kinds' in takes ? takes.kinds : [takes];
}

/**
 * Finds the kind that a handle's `kind` claim names. Its version may differ from the version in the claim.
 *
 * @throws {TypeError} no kind in the list has this name
 */
export function kindNamed(id: string, kinds: readonly Kind[]): Kind {
  const kind = kinds.find(({ name }) => id.startsWith(`${name}@`));
  if (kind === undefined) throw new TypeError(`the kind ${id} is not known here`);
  return kind;
}

/**
 * Validates the next state, which a handler returned.
 *
 * @returns the kind of the state, and the state as the next call will read it
 * @throws {StateTooLarge} `state_too_large`: the state is nested too deep for the call stack
 * @throws {ToolDefect} the tool does not take this kind, the schema refuses the state, or the schema changes the state
 *   at each reading
 */
export function settle(takes: Takes<unknown>, value: unknown): { kind: Kind; state: unknown } {
  if (!('kinds' in takes)) return { kind: takes, state: settleState(takes, value) };
  const { kind: name, state } = value as Tagged<unknown, string>;
  const kind = takes.kinds.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new ToolDefect('the handler returned a state of a kind that its tool does not take');
  return { kind, state: settleState(kind, state) };
}

/**
 * Writes a state as JSON and reads it back before it is sealed, so that the author learns of a defect before a client
 * does. Some states change on this way. For example, JSON writes `undefined` in an array as `null`.
 */
function settleState({ id, parse, readers, members }: Kind, state: unknown): unknown {
  const read = readers.get(id) as ReadState;
  try {
    return settled(id, state, read, parse);
  } catch (error) {
    throw error instanceof z.core.$ZodError ? misfit(`state of ${id}`, error, members) : error;
  }
}

function settled(id: string, state: unknown, read: ReadState, parse: ReadState): unknown {
  const written = jsonOf(parse(state)) ?? 'null';
  const readOnce = readBack(read, parse, written);
  const rewritten = jsonOf(readOnce);
  // The first reading may fill in defaults. The second must change nothing.
  if (rewritten !== written && jsonOf(readBack(read, parse, rewritten ?? 'null')) !== rewritten) {
    throw new ToolDefect(`the schema of ${id} changes a state each time it is read: a second reading must change nothing`);
  }
  return readOnce;
}

/**
 * Reads the JSON of a state, as the next call will. If the state is invalid, this function throws the error of `parse`,
 * which names every problem.
 */
function readBack(read: ReadState, parse: ReadState, written: string): unknown {
  try {
    return read(JSON.parse(written));
  } catch (error) {
    parse(JSON.parse(written));
    throw error;
  }
}
