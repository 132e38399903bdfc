import * as z from 'zod';
import { KIND, MAX_LIFETIME, type ReadState } from '../../handle/index.ts';
import { jsonOf } from './json.ts';
import { readingOf } from './state-reader.ts';

/** A kind of task state, and the rules for the handles that carry it. */
export interface Kind<State = unknown, Name extends string = string> {
  readonly name: Name;
  readonly version: number;
  /** `name@version`, as handles carry it. */
  readonly id: string;
  /** How long a task's handles open, from the first. Seconds. */
  readonly lifetime: number;
  /** Whether the client may see the whole state anyway. Permits compression. */
  readonly visible: boolean;
  /** Longest handle of this kind, in characters. Absent: as the server says. */
  readonly maxLength?: number | undefined;
  /** Validates a state of this version. Throws with everything that is wrong with it. */
  readonly parse: ReadState<State>;
  /** By kind as a handle names it, this version and those before it: validates a state, migrates it, or throws. */
  readonly readers: ReadonlyMap<string, ReadState<State>>;
}

export interface KindDeclaration<State, Name extends string = string, Old = never> {
  /** Lower-case letters, digits, `_`, `-`; at most 32 characters. Names that begin with `waxseal-` are the kit's own. */
  readonly name: Name;
  /** 1, and one more whenever the schema changes. */
  readonly version: number;
  /** Of JSON values: what JSON cannot write (dates, maps, transforms), a handle cannot carry. */
  readonly schema: z.ZodType<State>;
  /** Seconds, 1 to 2,592,000 (30 days). */
  readonly lifetime: number;
  /** Default: false. Say true only where nothing of the state is secret from the client. */
  readonly visible?: boolean;
  /** Longest handle of this kind, in characters, where that is less than the server allows. */
  readonly maxLength?: number;
  /** How states of the version before become states of this one. Handles of yet earlier versions go through its own. */
  readonly migration?: Migration<Old, NoInfer<State>>;
}

/** What became of a kind. */
export interface Migration<Old, State> {
  /** The version before, as it was declared. */
  readonly from: Kind<Old>;
  migrate(old: Old): State;
}

/**
 * Declares a kind of handle.
 *
 * @throws {TypeError} where a name, version, lifetime or length is out of bounds, the schema admits more than JSON, or
 *   the migration comes from another kind or a later version
 */
export function defineKind<State, const Name extends string, Old = never>(
  declaration: KindDeclaration<State, Name, Old>,
): Kind<State, Name> {
  const { name, version, schema, lifetime, visible = false, maxLength, migration } = declaration;
  const id = `${name}@${version}`;
  if (!KIND.test(id)) throw new TypeError(`defineKind: "${id}" is not a kind; expected something like "basket@1"`);
  if (name.startsWith(RESERVED)) throw new TypeError(`defineKind: names that begin with "${RESERVED}" are the kit's own`);
  if (!(Number.isInteger(lifetime) && lifetime >= 1 && lifetime <= MAX_LIFETIME)) {
    throw new TypeError(`defineKind: lifetime must be 1 to ${MAX_LIFETIME} whole seconds`);
  }
  if (maxLength !== undefined && !(Number.isInteger(maxLength) && maxLength >= SHORTEST_LIMIT)) {
    throw new TypeError(`defineKind: maxLength must be at least ${SHORTEST_LIMIT} characters`);
  }
  requireJson(id, schema);
  const { parse, read } = readingOf(schema);
  const readers = new Map<string, ReadState<State>>([[id, read]]);
  if (migration !== undefined) {
    const { from, migrate } = migration;
    if (!(from.name === name && from.version < version)) {
      throw new TypeError(`defineKind: ${id} cannot follow ${from.id}; a migration comes from an earlier version of the same name`);
    }
    for (const [earlier, readEarlier] of from.readers) readers.set(earlier, (state) => read(migrate(readEarlier(state))));
  }
  return { name, version, id, lifetime, visible, maxLength, parse, readers };
}

/** In the largest unit that fits: `90 minutes`, `24 hours`, `7 days`. */
export function lifetimeInWords({ lifetime }: Kind): string {
  const [unit, length] = UNITS.find(([, seconds, least]) => lifetime % seconds === 0 && lifetime >= least) ?? ['second', 1];
  const count = lifetime / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Names, and seconds: of each, and from how many on it is spoken of. A day is 24 hours to whoever started in its middle. */
const UNITS = [
  ['day', 86_400, 172_800],
  ['hour', 3600, 3600],
  ['minute', 60, 60],
] as const;

/** Kinds that carry no task: what the kit itself seals. */
const RESERVED = 'waxseal-';

/** A handle of next to nothing, and what must be left for ending a task, fit into this. Characters. */
const SHORTEST_LIMIT = 2048;

function requireJson(id: string, schema: z.ZodType): void {
  try {
    z.toJSONSchema(schema);
  } catch (error) {
    throw new TypeError(`defineKind: the state of ${id} must be JSON: ${(error as Error).message}`);
  }
}

/** A state beside the name of its kind. */
export interface Tagged<State, Name extends string> {
  readonly kind: Name;
  readonly state: State;
}

/** Several kinds of which a handle may be any. Made by {@link oneOf}. */
export interface Choice<Value> {
  readonly kinds: readonly Kind[];
  readonly readers: ReadonlyMap<string, ReadState<Value>>;
}

type TaggedBy<Of> = Of extends Kind<infer State, infer Name> ? Tagged<State, Name> : never;

/**
 * Several kinds, for a tool that takes any of them. Its function gets the state beside the name of its kind.
 *
 * @throws {TypeError} where two have one name: a kind reads its own earlier versions
 */
export function oneOf<const Kinds extends readonly Kind[]>(...kinds: Kinds): Choice<TaggedBy<Kinds[number]>> {
  if (new Set(kinds.map(({ name }) => name)).size < kinds.length) throw new TypeError('oneOf: two kinds have one name');
  const readers = new Map<string, ReadState<TaggedBy<Kinds[number]>>>();
  for (const { name, readers: reads } of kinds) {
    for (const [id, read] of reads) readers.set(id, (state) => ({ kind: name, state: read(state) }) as TaggedBy<Kinds[number]>);
  }
  return { kinds, readers };
}

/** What a tool takes: one kind, or one of several. */
export type Takes<Value> = Kind<Value> | Choice<Value>;

/** The kinds that a tool takes. */
export function kindsOf(takes: Takes<unknown>): readonly Kind[] {
  return 'kinds' in takes ? takes.kinds : [takes];
}

/** The one of several kinds that a handle's `kind` names, in whatever version. @throws {TypeError} where there is none */
export function kindNamed(id: string, kinds: readonly Kind[]): Kind {
  const kind = kinds.find(({ name }) => id.startsWith(`${name}@`));
  if (kind === undefined) throw new TypeError(`no kind here is named as in ${id}`);
  return kind;
}

/**
 * Validates what a tool's function gave as the next state.
 *
 * @returns the kind to seal it as, and the state as JSON will write it
 * @throws {StateTooLarge} where it nests deeper than the stack goes
 * @throws {TypeError | z.ZodError} a defect in the function
 */
export function settle(takes: Takes<unknown>, value: unknown): { kind: Kind; state: unknown } {
  if (!('kinds' in takes)) return { kind: takes, state: settleState(takes, value) };
  const { kind: name, state } = value as Tagged<unknown, string>;
  const kind = takes.kinds.find((candidate) => candidate.name === name);
  if (kind === undefined) throw new TypeError('the function gave a state of a kind that its tool does not take');
  return { kind, state: settleState(kind, state) };
}

/**
 * What comes back otherwise than it was is found now and not when the handle comes back: what JSON writes otherwise,
 * `undefined` in an array say, and what the schema reads otherwise each time it is read.
 */
function settleState({ id, parse, readers }: Kind, state: unknown): unknown {
  const read = readers.get(id) as ReadState;
  const written = jsonOf(parse(state)) ?? 'null';
  const settled = readBack(read, parse, written);
  const rewritten = jsonOf(settled);
  // Defaults and the like are in it by now, and nothing more comes of reading it.
  if (rewritten !== written && jsonOf(readBack(read, parse, rewritten ?? 'null')) !== rewritten) {
    throw new TypeError(`the schema of ${id} makes another state of a state each time it reads it`);
  }
  return settled;
}

/** Reads what was written as it will be read from a handle. Of what that refuses, the parser says more. */
function readBack(read: ReadState, parse: ReadState, written: string): unknown {
  try {
    return read(JSON.parse(written));
  } catch (error) {
    parse(JSON.parse(written));
    throw error;
  }
}
