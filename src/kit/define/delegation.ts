/**
 * The tool `delegate_task`. It makes a handle with fewer rights, which a model gives to another agent. The claim `scp`
 * lists these rights: `read`, or names of tools.
 */
import * as z from 'zod';
import { isWithin, MAX_RIGHTS } from '../../handle/index.ts';
import { ToolRefusal } from '../values/refusal.ts';
import { meantAmong } from '../values/words.ts';
import { type Choice, type Kind, kindsOf } from './kind.ts';
import { someOf, type Toolset, takenBy, toolsTaking } from './lookup.ts';
import { declareTool, type Tool } from './tool.ts';

/** The arguments of `delegate_task`. */
export interface Delegation {
  /** The rights of the new handle: `read`, or names of tools. */
  readonly rights: readonly string[];
  /**
   * When the new handle expires, in seconds from now, but never later than the passed handle. Absent: both expire at
   * the same time.
   */
  readonly expires_in?: number | undefined;
}

const inputSchema = {
  rights: z.array(z.string()).default(['read']).describe('"read", or names of tools'),
  expires_in: z.int().min(1).optional().describe('seconds'),
};

/** Makes `delegate_task` for every kind that the given tools take. Returns undefined if no tool takes a handle. */
export function delegationOver(tools: readonly Tool[]): Tool | undefined {
  const kinds = new Map<string, Kind>();
  for (const kind of tools.flatMap(takenBy).flatMap(kindsOf)) kinds.set(kind.id, kind);
  if (kinds.size === 0) return undefined;
  const takes: Choice<unknown> = {
    kinds: [...kinds.values()],
    readers: new Map([...kinds.values()].flatMap(({ readers }) => [...readers])),
  };
  const description = 'Makes a handle with fewer rights, for another agent. Go on with your own.';
  const known = ['read', ...tools.map(({ definition }) => definition.name)];
  return declareTool('delegate', takes, 'delegate_task', { description, inputSchema }, (_state, { rights }) => ({
    text: `This handle is for another agent. Its rights: ${meantRights(rights, known).join(', ')}. Keep using your own.`,
  }));
}

/** Returns every right that a handle may have. */
export function rightsIn(tools: Toolset): string[] {
  return ['read', ...tools.byName.keys()];
}

/** Returns the rights that a handle of this kind can use. */
export function rightsTo(tools: Toolset, kind: Kind): string[] {
  return ['read', ...toolsTaking(tools, kind.name).filter((name) => tools.byName.get(name)?.role !== 'delegate')];
}

/** Returns the rights as they are spelled, if a client wrote `Read` for `read`. */
function meantRights(wished: readonly string[], known: readonly string[]): string[] {
  return wished.map((right) => meantAmong(right, known) ?? right);
}

/**
 * Refuses rights that do not exist, and rights that the passed handle lacks.
 *
 * @param wished the rights for the new handle
 * @param known the rights that exist for the task
 * @param held the rights of the passed handle; undefined if it has every right
 * @returns the rights as they are spelled
 * @throws {ToolRefusal} `invalid_arguments`: the list is empty or too long, has a right twice, or has a right that does
 *   not exist
 * @throws {ToolRefusal} `forbidden`: the passed handle lacks one of the rights
 */
export function requireRights(wished: readonly string[], known: readonly string[], held: readonly string[] | undefined): string[] {
  const rights = meantRights(wished.slice(0, MAX_RIGHTS), known);
  if (rights.length === 0 || new Set(rights).size < wished.length) {
    throw new ToolRefusal('invalid_arguments', `Name 1 to ${MAX_RIGHTS} different rights. Rights to this task: ${someOf(known)}.`);
  }
  const unknown = rights.filter((right) => !known.includes(right));
  if (unknown.length > 0) {
    const shown = unknown.slice(0, 5).map((right) => JSON.stringify(right.slice(0, 40)));
    throw new ToolRefusal('invalid_arguments', `There is no right ${shown.join(', ')}. Rights to this task: ${someOf(known)}.`);
  }
  if (!isWithin(rights, held)) {
    throw new ToolRefusal('forbidden', `This handle has the rights ${held?.join(', ')}, and can delegate no others.`);
  }
  return rights;
}
