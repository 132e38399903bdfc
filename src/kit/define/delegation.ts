/**
 * Makes the tool `delegate_task`. This tool makes a new handle that has fewer rights, and a model gives the new handle
 * to another agent. The `scp` claim of the new handle lists the remaining rights. A right is `read`, or the name of a
 * tool that may be called with the handle.
 */
import * as z from 'zod';
import { isWithin, MAX_RIGHTS } from '../../handle/index.ts';
import { ToolRefusal } from '../values/refusal.ts';
import { type Choice, type Kind, kindsOf } from './kind.ts';
import { someOf, type Toolset, takenBy, toolsTaking } from './lookup.ts';
import { declareTool, type Tool } from './tool.ts';

/** The arguments of `delegate_task`. */
export interface Delegation {
  /** The rights of the new handle: `read`, or names of tools. */
  readonly rights: readonly string[];
  /**
   * When the new handle expires, in seconds from now. The new handle never expires later than the passed handle. Absent: both
   * handles expire at the same time.
   */
  readonly expires_in?: number | undefined;
}

const inputSchema = {
  rights: z.array(z.string()).default(['read']).describe('"read", or names of tools'),
  expires_in: z.int().min(1).optional().describe('seconds'),
};

/** Makes the tool `delegate_task`, for all kinds of handles that the given tools take. Returns undefined if no tool takes a handle. */
export function delegationOver(tools: readonly Tool[]): Tool | undefined {
  const kinds = new Map<string, Kind>();
  for (const kind of tools.flatMap(takenBy).flatMap(kindsOf)) kinds.set(kind.id, kind);
  if (kinds.size === 0) return undefined;
  const takes: Choice<unknown> = {
    kinds: [...kinds.values()],
    readers: new Map([...kinds.values()].flatMap(({ readers }) => [...readers])),
  };
  const description = 'Makes a handle with fewer rights, for another agent. Go on with your own.';
  return declareTool('delegate', takes, 'delegate_task', { description, inputSchema }, (_state, { rights }) => ({
    text: `This handle is for another agent. Its rights: ${(rights as string[]).join(', ')}. Keep using your own.`,
  }));
}

/** Returns every right that a handle may have: `read`, and the name of each tool. */
export function rightsIn(tools: Toolset): string[] {
  return ['read', ...tools.byName.keys()];
}

/** Returns the rights that a handle of a kind can use: `read`, and the names of the tools that take the kind. */
export function rightsTo(tools: Toolset, kind: Kind): string[] {
  return ['read', ...toolsTaking(tools, kind.name).filter((name) => tools.byName.get(name)?.role !== 'delegate')];
}

/**
 * Refuses rights that do not exist, and rights that the passed handle itself lacks.
 *
 * @param wished the rights for the new handle
 * @param known the rights that exist for the task
 * @param held the rights of the passed handle; undefined if that handle has every right
 * @throws {ToolRefusal} `invalid_arguments`: the list of rights is empty or too long, names a right twice, or names a right that
 *   does not exist
 * @throws {ToolRefusal} `forbidden`: the passed handle lacks one of the rights
 */
export function requireRights(wished: readonly string[], known: readonly string[], held: readonly string[] | undefined): void {
  if (wished.length === 0 || wished.length > MAX_RIGHTS || new Set(wished).size < wished.length) {
    throw new ToolRefusal('invalid_arguments', `Name 1 to ${MAX_RIGHTS} different rights. Rights to this task: ${someOf(known)}.`);
  }
  const unknown = wished.filter((right) => !known.includes(right));
  if (unknown.length > 0) {
    const shown = unknown.slice(0, 5).map((right) => JSON.stringify(right.slice(0, 40)));
    throw new ToolRefusal('invalid_arguments', `There is no right ${shown.join(', ')}. Rights to this task: ${someOf(known)}.`);
  }
  if (!isWithin(wished, held)) {
    throw new ToolRefusal('forbidden', `This handle has the rights ${held?.join(', ')}, and can delegate no others.`);
  }
}
