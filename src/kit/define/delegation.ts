/** Handing a task on with fewer rights: `scp` in its handles names the tools that may still be called with them. */
import * as z from 'zod';
import { isWithin, MAX_RIGHTS } from '../../handle/index.ts';
import { type Choice, type Kind, kindsOf } from './kind.ts';
import { someOf, type Toolset, takenBy, toolsTaking } from './lookup.ts';
import { ToolRefusal } from './refusal.ts';
import { declareTool, type Tool } from './tool.ts';

/** What is wished of a delegation. */
export interface Delegation {
  readonly rights: readonly string[];
  /** Seconds from now; the task's own deadline stands in any case. */
  readonly expires_in?: number | undefined;
}

const inputSchema = {
  rights: z.array(z.string()).default(['read']).describe('"read", or names of tools'),
  expires_in: z.int().min(1).optional().describe('seconds'),
};

/** The tool `delegate_task` over all kinds that some tools take; undefined where none takes any. */
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
    text: `A handle to hand on, with the rights: ${(rights as string[]).join(', ')}. Your own stays as it is.`,
  }));
}

/** Every right that a handle may be given: `read`, and each tool's name. */
export function rightsIn(tools: Toolset): string[] {
  return ['read', ...tools.byName.keys()];
}

/** The rights that mean something for a kind. */
export function rightsTo(tools: Toolset, kind: Kind): string[] {
  return ['read', ...toolsTaking(tools, kind.name).filter((name) => tools.byName.get(name)?.role !== 'delegate')];
}

/**
 * Refuses rights that there are not, or that the handle itself lacks.
 *
 * @throws {ToolRefusal} `invalid_arguments` or `forbidden`
 */
export function requireRights(wished: readonly string[], known: readonly string[], held: readonly string[] | undefined): void {
  if (wished.length === 0 || wished.length > MAX_RIGHTS || new Set(wished).size < wished.length) {
    throw new ToolRefusal('invalid_arguments', `Name 1 to ${MAX_RIGHTS} rights, each but once. Rights to this task: ${someOf(known)}.`);
  }
  const unknown = wished.filter((right) => !known.includes(right));
  if (unknown.length > 0) {
    const shown = unknown.slice(0, 5).map((right) => JSON.stringify(right.slice(0, 40)));
    throw new ToolRefusal('invalid_arguments', `There is no right ${shown.join(', ')}. Rights to this task: ${someOf(known)}.`);
  }
  if (!isWithin(wished, held)) {
    throw new ToolRefusal('forbidden', `This handle has the rights ${held?.join(', ')}, and can hand on no others.`);
  }
}
