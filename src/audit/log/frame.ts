/** An object or an array that is being read, and what it tells of the handles in it once it has been read. */
import { type Mention, merged } from './mention.ts';
import { type ObjectRead, roleOf } from './roles.ts';
import { rankOfTimeName, timeInUtc, timeOfValue } from './times.ts';

/** How many members of an object are kept, and how long a text may be for that, in characters. */
const MOST_KEPT = 64;
export const LONGEST_KEPT = 256;

/** Names and values of an object's short members, or of an array's. */
export interface Members {
  readonly names: string[];
  readonly values: unknown[];
}

export interface Frame extends Members {
  readonly isArray: boolean;
  /** Under which name it stands in the object around it; an array passes its own on. */
  readonly name: string | undefined;
  readonly place: number;
  /** Which member is being read. */
  member: string | undefined;
  /** Names of members that are objects, arrays or long texts. */
  readonly structured: string[];
  mentions: Mention[];
}

export function newFrame(isArray: boolean, name: string | undefined, place: number): Frame {
  return { isArray, name, place, member: isArray ? name : undefined, names: [], values: [], structured: [], mentions: NONE };
}

/** Most objects have no handles. */
const NONE: Mention[] = [];

export function addMention(frame: Frame, mention: Mention): void {
  if (frame.mentions === NONE) frame.mentions = [mention];
  else frame.mentions.push(mention);
}

/** Keeps a member that is no object and no array. */
export function keep(frame: Frame, name: string, value: unknown): void {
  if (frame.names.length >= MOST_KEPT || name.length > LONGEST_KEPT || (typeof value === 'string' && value.length > LONGEST_KEPT)) return;
  frame.names.push(name);
  frame.values.push(value);
}

/** Keeps that there is a member. */
export function keepName(frame: Frame, name: string): void {
  if (frame.structured.length < MOST_KEPT && name.length <= LONGEST_KEPT && !frame.isArray) frame.structured.push(name);
}

/**
 * Closes a frame: tells its mentions what it has to tell, and passes them, and what else matters further out, to the
 * frame around it.
 *
 * @param callerPath members that lead to the caller's name
 */
export function settle(frame: Frame, outer: Frame | undefined, callerPath: readonly string[]): void {
  if (outer !== undefined) keepInner(frame, outer, callerPath);
  if (frame.mentions.length === 0) return;
  if (!frame.isArray) tellRoles(frame);
  tellRecord(frame, callerPath);
  if (!frame.isArray && frame.mentions.length > 1) frame.mentions = withInputFirst(merged(frame.mentions));
  if (outer === undefined) return;
  for (const mention of frame.mentions) {
    mention.member = outer.member;
    mention.isWhole = false;
    addMention(outer, mention);
  }
}

/** What stands beside a handle, and what its object is. What a message says of times and callers is its own business, and not the log's. */
function tellRoles(frame: Frame): void {
  const object: ObjectRead = {
    name: frame.name,
    get: (name) => memberOf(frame, name),
    has: (name) => frame.structured.includes(name) || frame.names.includes(name),
  };
  for (const mention of frame.mentions) {
    const { member } = mention;
    if (member === undefined) continue;
    if (mention.isWhole) mention.info = memberOf(frame, `${member}_info`);
    if (mention.role !== undefined) continue;
    const role = roleOf(member, object);
    if (role !== undefined) Object.assign(mention, { role, place: frame.place, time: undefined, caller: undefined });
  }
}

/** Members of an object are in no order; but what was presented in one came before what was issued in another. */
function withInputFirst(mentions: Mention[]): Mention[] {
  const members = new Map<string | undefined, Mention[]>();
  for (const mention of mentions) {
    const others = members.get(mention.member);
    if (others === undefined) members.set(mention.member, [mention]);
    else others.push(mention);
  }
  if (members.size === 1) return mentions;
  const isInput = (group: readonly Mention[]) => group.some(({ role }) => role === 'presented');
  const groups = [...members.values()];
  const ordered = [...groups.filter(isInput), ...groups.filter((group) => !isInput(group))];
  const places = [...new Set(mentions.map(({ place }) => place))].sort((a, b) => a - b);
  let next = 0;
  for (const group of ordered) {
    const own = [...new Set(group.map(({ place }) => place))].sort((a, b) => a - b);
    const renamed = new Map(own.map((place, at) => [place, places[Math.min(next + at, places.length - 1)] ?? place]));
    for (const mention of group) mention.place = renamed.get(mention.place) ?? mention.place;
    next += own.length;
  }
  return ordered.flat();
}

function tellRecord(frame: Frame, callerPath: readonly string[]): void {
  const time = timeOf(frame);
  const caller = callerOf(frame, callerPath);
  for (const mention of frame.mentions) {
    mention.time ??= time;
    mention.caller ??= caller;
  }
}

/** By the member whose name fits best; in an array by its first values, as query answers have rows. */
function timeOf({ isArray, names, values }: Frame): number | undefined {
  let [best, time]: [number, number | undefined] = [Number.POSITIVE_INFINITY, undefined];
  for (const [at, name] of names.entries()) {
    const isElement = isArray && name === ELEMENT;
    const rank = isElement ? 0 : rankOfTimeName(name);
    if (rank === undefined || rank >= best) continue;
    const value = values[at];
    // Rows of pairs of a name and a value are a cloud console's, which leaves the zone out where it is UTC.
    const found = isElement ? timeOfElement(value) : isArray ? timeInUtc(value) : isInstant(value) ? instant(value) : timeOfValue(value);
    if (found !== undefined) [best, time] = [rank, found];
  }
  return time;
}

/** Small numbers are too often something else. */
function timeOfElement(value: unknown): number | undefined {
  return typeof value === 'number' && value < 1e12 ? undefined : timeOfValue(value);
}

type Instant = Readonly<Record<'epochSecond' | 'nanoOfSecond', number>>;

/** As Log4j 2 writes it. */
function isInstant(value: unknown): value is Instant {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Instant>).epochSecond === 'number';
}

function instant({ epochSecond, nanoOfSecond }: Instant): number | undefined {
  return timeOfValue(epochSecond + (Number(nanoOfSecond) || 0) / 1e9);
}

/** The longest name of a caller that is kept, in characters. */
const LONGEST_CALLER = 256;

function callerOf(frame: Frame, path: readonly string[]): string | undefined {
  // A member may have dots in its name.
  const value = path.length === 0 ? undefined : (valueAt(frame, path) ?? memberOf(frame, path.join('.')));
  const caller = typeof value === 'number' ? String(value) : value;
  return typeof caller === 'string' && caller.length <= LONGEST_CALLER ? caller : undefined;
}

function valueAt(frame: Frame, [first = '', ...rest]: readonly string[]): unknown {
  return rest.reduce(
    (value, name) => {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
      return (value as Readonly<Record<string, unknown>>)[name];
    },
    memberOf(frame, first),
  );
}

/** The value of a member; where it is there twice the last one, as for every reader of JSON. */
function memberOf({ names, values }: Members, name: string): unknown {
  return values[names.lastIndexOf(name)];
}

/** What elements of an array have in place of a name. */
export const ELEMENT = '';

/** Keeps of an object or array what the frame around it may have to look at. */
function keepInner(frame: Frame, outer: Frame, callerPath: readonly string[]): void {
  const { name } = frame;
  if (outer.isArray) {
    const pair = frame.isArray || frame.names.length > 4 ? undefined : pairOf(frame);
    if (pair !== undefined) keep(outer, ...pair);
    return;
  }
  if (name === undefined) return;
  keepName(outer, name);
  const matters = name.endsWith('_info') || name === 'value' || name === 'instant' || isInfo(outer) || callerPath.includes(name);
  if (matters && outer.names.length < MOST_KEPT) {
    outer.names.push(name);
    outer.values.push(frame.isArray ? frame.values : Object.fromEntries(frame.names.map((member, at) => [member, frame.values[at]])));
  }
}

/** Whether it is what stands beside a handle. */
function isInfo({ name }: Frame): boolean {
  return name?.endsWith('_info') ?? false;
}

/** An object that is a name and its value, as query answers and attributes of traces are. */
function pairOf(frame: Frame): [name: string, value: unknown] | undefined {
  const name = ['key', 'field', 'name', 'Name', 'Field']
    .map((member) => memberOf(frame, member))
    .find((value) => typeof value === 'string');
  const value = memberOf(frame, 'value') ?? memberOf(frame, 'Value');
  if (typeof name !== 'string' || name === ELEMENT || value === undefined) return undefined;
  // OpenTelemetry says of which type it is.
  return [name, typeof value === 'object' && value !== null ? Object.values(value)[0] : value];
}
