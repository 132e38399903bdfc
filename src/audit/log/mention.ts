/** A handle in a log, and what the log tells about it. It is told little by little, from the value that the handle stands in outwards. */
import type { FoundHandle } from '../../scan/index.ts';
import type { Role } from './roles.ts';

export interface Mention {
  readonly found: FoundHandle;
  /** Under which name it stands in the object that is being read, or something that it is a part of. */
  member: string | undefined;
  /** Whether it is that member's value, and not a part of it. */
  isWhole: boolean;
  /** From 1, in its source. */
  readonly line: number;
  /** Which of the things that stand in a row it is a part of: a line, an element of an array, a message. They are counted through. */
  place: number;
  /** Absent where nothing tells. */
  role?: Role | undefined;
  /** What stands beside it as `x_info`: anything. */
  info?: unknown;
  /** Of the nearest record around it that tells: seconds since 1970. */
  time?: number | undefined;
  /** Who the nearest record around it says that it is about. */
  caller?: string | undefined;
}

const STRENGTH: Record<Role, number> = { mentioned: 1, issued: 2, presented: 3 };

/**
 * Makes one of those that are the same handle in the same thing. One of which nothing is told gives way to another in
 * the same object: clients write a tool's result twice, once as a message and once for themselves.
 */
export function merged(mentions: readonly Mention[]): Mention[] {
  const kept: Mention[] = [];
  const byHandle = new Map<string, number>();
  for (const mention of mentions) {
    const { handle } = mention.found;
    const at = byHandle.get(handle);
    const before = at === undefined ? undefined : kept[at];
    const one = before && mergedPair(before, mention);
    if (at !== undefined && one !== undefined) kept[at] = one;
    else {
      byHandle.set(handle, kept.length);
      kept.push(mention);
    }
  }
  return kept;
}

function mergedPair(one: Mention, other: Mention): Mention | undefined {
  const isSamePlace = one.place === other.place && (one.time === other.time || one.time === undefined || other.time === undefined);
  if (!(isSamePlace || isUntold(one) || isUntold(other))) return undefined;
  if (one.info !== undefined && other.info !== undefined && JSON.stringify(one.info) !== JSON.stringify(other.info)) return undefined;
  const [stronger, weaker] = strengthOf(other) > strengthOf(one) ? [other, one] : [one, other];
  const { info = weaker.info, time = weaker.time, caller = weaker.caller } = stronger;
  return { ...stronger, info, time, caller };
}

function isUntold({ role, time }: Mention): boolean {
  return role === undefined && time === undefined;
}

function strengthOf({ role }: Mention): number {
  return role === undefined ? 0 : STRENGTH[role];
}
