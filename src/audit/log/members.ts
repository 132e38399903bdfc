/**
 * Orders the mentions in the members of an object. A mention is a handle at one place of a log. JSON gives members no
 * order, but a request came before its answer.
 */
import type { Role } from './roles.ts';

interface InMember {
  readonly member: string | undefined;
  readonly role?: Role | undefined;
  place: number;
  branches?: readonly Branch[] | undefined;
}

/** A member of an object whose members have no known order. */
export interface Branch {
  readonly of: object;
  readonly member: string | undefined;
}

/** Tells whether two mentions are in different branches of one object. */
export function areInDifferentBranches(one: Pick<InMember, 'branches'>, other: Pick<InMember, 'branches'>): boolean {
  return one.branches?.some(({ of, member }) => other.branches?.some((branch) => branch.of === of && branch.member !== member)) ?? false;
}

/** All mentions in one member. */
type Group = readonly InMember[];

/**
 * The maximum number of branches of one mention: one for each object around it whose members have no known order. The
 * innermost objects come first.
 */
const MOST_BRANCHES = 8;

const REQUEST = /^(?:req(?:uest)?|input|prompt|query)(?:[_.]?(?:body|payload|message|data))?$/i;
const RESPONSE = /^(?:res(?:p|ponse|ult)?|reply|output|answer|completion)(?:[_.]?(?:body|payload|message|data))?$/i;

/**
 * Gives each mention a branch, if nothing tells the order of the members. Mentions in different branches are not
 * compared by place.
 */
export function assignBranches(mentions: readonly InMember[]): void {
  const groups = groupsOf(mentions);
  if (groups.length === 1 || isOrdered(groups)) return;
  const of = {};
  for (const mention of mentions) {
    const { branches = [], member } = mention;
    if (branches.length < MOST_BRANCHES) mention.branches = [...branches, { of, member }];
  }
}

/** Returns the mentions of an object in order: the request before its answer. */
export function inOrder<Item extends InMember>(mentions: Item[]): Item[] {
  const groups = groupsOf(mentions);
  if (groups.length === 1) return mentions;
  const isFirst = isNamed(groups) ? isRequest : isInput;
  const ordered = [...groups.filter(isFirst), ...groups.filter((group) => !isFirst(group))];
  movePlaces(mentions, ordered);
  return ordered.flat();
}

function groupsOf<Item extends InMember>(mentions: readonly Item[]): Item[][] {
  const groups = new Map<string | undefined, Item[]>();
  for (const mention of mentions) {
    const others = groups.get(mention.member);
    if (others === undefined) groups.set(mention.member, [mention]);
    else others.push(mention);
  }
  return [...groups.values()];
}

function isInput(group: Group): boolean {
  return group.some(({ role }) => role === 'presented');
}

function isRequest([first]: Group): boolean {
  return REQUEST.test(first?.member ?? '');
}

/** Tells whether every member with a role has the name of a request or of an answer. */
function isNamed(groups: readonly Group[]): boolean {
  return groups.filter(hasRole).every((group) => isRequest(group) || RESPONSE.test(group[0]?.member ?? ''));
}

function hasRole(group: Group): boolean {
  return group.some(({ role }) => role === 'presented' || role === 'issued');
}

/** Tells whether the members of a record form one sequence of calls, so that the record needs no branches. */
function isOrdered(groups: readonly Group[]): boolean {
  const withRole = groups.filter(hasRole);
  const inputs = withRole.filter(isInput);
  if (inputs.length === 0 || withRole.length === 1 || isNamed(groups)) return true;
  return inputs.length === 1 && inputs.flat().every(({ role, place }) => role !== 'issued' && place === inputs[0]?.[0]?.place);
}

/** Renumbers the places, so that they increase in the new order. */
function movePlaces(mentions: Group, ordered: readonly Group[]): void {
  const places = [...new Set(mentions.map(({ place }) => place))].sort((a, b) => a - b);
  let next = 0;
  for (const group of ordered) {
    const own = [...new Set(group.map(({ place }) => place))].sort((a, b) => a - b);
    const renamed = new Map(own.map((place, at) => [place, places[Math.min(next + at, places.length - 1)] ?? place]));
    for (const mention of group) mention.place = renamed.get(mention.place) ?? mention.place;
    next += own.length;
  }
}
