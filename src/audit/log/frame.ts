/**
 * A frame is an object or an array that is being read. A mention is a handle in a frame. At the end of the frame, each
 * mention gets what the members tell about the handle.
 */
import { bytesOf, isMedium } from '../../scan/index.ts';
import { assignBranches, inOrder } from './members.ts';
import { type Mention, type Message, merged, type TimeOrigin } from './mention.ts';
import { roleOfPiece, streamNameOf } from './pieces/deltas.ts';
import { aliasOf, callOf, isHistory, isInMessage, type ObjectRead, phaseOf, roleOf, toolOf } from './roles.ts';
import { attributeOf, isToolStep, roleInSpan, roleInStep } from './spans.ts';
import { timeOfObject } from './times/time-objects.ts';
import { isWeakRank, localTimeOfValue, type Recorded, rankOfTimeName, spanOf, timeInUtc, timeOfValue } from './times/times.ts';

/** How many members of an object are kept, and the longest name or text that is kept, in characters. */
const MOST_KEPT = 64;
export const LONGEST_KEPT = 256;

/** The names and values of the short members of an object or an array. */
export interface Members {
  readonly names: string[];
  readonly values: unknown[];
}

export interface Frame extends Members {
  readonly isArray: boolean;
  /** The name of the member that contains the frame. For an element of an array, this is the name of the array. */
  readonly name: string | undefined;
  readonly place: number;
  /** The name of the member that is being read. */
  member: string | undefined;
  /** The names of the members that are objects, arrays or long texts. Their values are not kept. */
  readonly structured: string[];
  mentions: Mention[];
  /** The last elements of an array, if they may be lines of one text in base64. */
  lines: string[];
  /** The number of members that look like base64 of data that is not text. */
  opaque: number;
  /** How many objects and arrays within the frame were read. */
  inner: number;
  /**
   * The index at which the frame begins in the text that is being read. Undefined if the frame began in an earlier
   * text.
   */
  start: number | undefined;
}

export function newFrame(isArray: boolean, name: string | undefined, place: number, start: number): Frame {
  return {
    isArray,
    name,
    place,
    member: isArray ? name : undefined,
    names: [],
    values: [],
    structured: [],
    mentions: NONE,
    lines: [],
    opaque: 0,
    inner: 0,
    start,
  };
}

/** Most objects contain no handles, so their frames share this list to save memory. */
const NONE: Mention[] = [];

export function addMention(frame: Frame, mention: Mention): void {
  if (frame.mentions === NONE) frame.mentions = [mention];
  else frame.mentions.push(mention);
}

/** Keeps a short member that is neither an object nor an array. */
export function keep(frame: Frame, name: string, value: unknown): void {
  if (frame.names.length >= MOST_KEPT || name.length > LONGEST_KEPT || (typeof value === 'string' && value.length > LONGEST_KEPT)) return;
  frame.names.push(name);
  frame.values.push(value);
}

/** Keeps the name of a member whose value is not kept. */
export function keepName(frame: Frame, name: string): void {
  if (frame.structured.length < MOST_KEPT && name.length <= LONGEST_KEPT && !frame.isArray) frame.structured.push(name);
}

/** The shortest value in base64 that a handle fits into, in characters. */
const SHORTEST_OPAQUE = 120;

/** Counts a member that may be base64 of binary data. Other members tell {@link opaqueIn} whether it is base64. */
export function keepOpaque(frame: Frame, text: string, from: number, to: number): void {
  if (to - from < SHORTEST_OPAQUE) return;
  const value = text.slice(from, to);
  if (/^[A-Za-z0-9+/_=\\rn-]+$/.test(value) && !isMedium(bytesOf(value.slice(0, 24)))) frame.opaque += 1;
}

/**
 * Returns how many unread members are base64 according to other members of the object. Images, fonts, sound and video
 * do not count.
 */
export function opaqueIn(frame: Frame): number {
  if (frame.opaque === 0) return 0;
  const says = (names: readonly string[], value: RegExp) => names.some((name) => value.test(String(memberOf(frame, name))));
  if (says(['mimeType', 'contentType', 'content-type'], /^(?:image|font|audio|video)\//i)) return 0;
  return says(['encoding', 'contentEncoding', 'transferEncoding'], /^base64/i) ||
    says(['isBase64Encoded', 'base64Encoded', 'base64'], /^true$/i)
    ? frame.opaque
    : 0;
}

/**
 * Closes a frame: completes its mentions, and passes them to the outer frame.
 *
 * @param callerPath the names of the members that lead to the caller's name
 * @param text the text of the frame; undefined if the frame was read in several parts, or not to its end
 */
export function settle(frame: Frame, outer: Frame | undefined, callerPath: readonly string[], text?: string): void {
  if (outer !== undefined) {
    outer.inner += 1;
    keepInner(frame, outer, callerPath);
  }
  if (frame.mentions.length === 0) return;
  if (frame.isArray) {
    assignSeats(frame);
    assignStepRoles(frame);
  } else {
    if (frame.mentions.length > 1) assignBranches(frame.mentions);
    assignRoles(frame, text);
  }
  assignRecord(frame, callerPath);
  if (!frame.isArray && frame.mentions.length > 1) frame.mentions = inOrder(merged(frame.mentions));
  if (outer === undefined) return;
  for (const mention of frame.mentions) {
    mention.member = outer.member;
    mention.isWhole = false;
    mention.element = outer.inner - 1;
    addMention(outer, mention);
  }
}

/**
 * Gives each mention its role and the `<member>_info` beside it. A mention that gets a role loses the time and the
 * caller that it has from inner objects: they belong to the content of the message, and not to the message.
 */
function assignRoles(frame: Frame, text: string | undefined): void {
  const object = readable(frame);
  const id = text === undefined ? undefined : memberOf(frame, 'id');
  const message: Message | undefined = id === undefined || text === undefined ? undefined : { id: JSON.stringify(id), text };
  for (const mention of frame.mentions) {
    const { member } = mention;
    if ('piece' in mention.found) mention.stream = `${streamNameOf(frame, mention.isWhole, object.has('choices'))}${mention.stream ?? ''}`;
    if (member === undefined) continue;
    if (mention.isWhole) mention.info = memberOf(frame, `${member}_info`);
    mention.call ??= callOf(member, object);
    mention.alias ??= aliasOf(member, object);
    mention.tool ??= toolOf(member, object);
    mention.phase ??= phaseOf(member, object);
    if (message !== undefined && isInMessage(member, object)) mention.message ??= message;
    if (mention.role !== undefined) continue;
    const isPiece = mention.isWhole && 'piece' in mention.found;
    const role = roleOf(member, object) ?? roleInSpan(member, object) ?? (isPiece ? roleOfPiece(member, object.get('type')) : undefined);
    if (role !== undefined) Object.assign(mention, { role, place: frame.place, ...UNTIMED, caller: undefined });
    else if (member === 'value') mention.attribute ??= attributeOf(member, object);
  }
}

/** Gives each mention in a list of attributes its role, if another attribute says that the list describes a tool. */
function assignStepRoles(frame: Frame): void {
  if (!isToolStep(readable(frame))) return;
  for (const mention of frame.mentions) if (mention.attribute !== undefined) mention.role ??= roleInStep(mention.attribute);
}

function readable(frame: Frame): ObjectRead {
  return {
    name: frame.name,
    get: (name) => memberOf(frame, name),
    has: (name) => frame.structured.includes(name) || frame.names.includes(name),
    says: (name, value) => frame.names.some((member, at) => name.test(member) && value.test(String(frame.values[at]))),
  };
}

/**
 * Gives each mention in a chat its seat, which identifies a call without an id. The first message of a chat is never a
 * call, because it comes from the system or the user.
 */
function assignSeats({ name, mentions }: Frame): void {
  if (!isHistory(name)) return;
  const chat = mentions[0]?.place ?? 0;
  for (const mention of mentions) {
    if (mention.element !== 0) mention.call ??= '';
    mention.seat ??= { chat, at: `${name} ${mention.element}` };
  }
}

const UNTIMED = { time: undefined, recorded: undefined, timeOrigin: undefined };

/**
 * Gives the mentions the time, the caller and the session of their innermost record. If the name of this time is weak,
 * such as `created_at`, the time of an outer record replaces it.
 */
function assignRecord(frame: Frame, callerPath: readonly string[]): void {
  const { time, isWeak, isNameless } = timeOf(frame);
  const recorded = time ?? localTimeOf(frame);
  const { start, end } = time === undefined || frame.isArray ? { start: time, end: time } : spanOf(time, frame.names, frame.values);
  const timeOrigin: TimeOrigin = { isWeak, isNameless, took: (end ?? 0) - (start ?? 0) };
  const caller = callerOf(frame, callerPath);
  const session = sessionOf(frame);
  for (const mention of frame.mentions) {
    if (mention.timeOrigin?.isWeak && recorded !== undefined && !isWeak) Object.assign(mention, UNTIMED);
    if (mention.time === undefined && recorded !== undefined) mention.timeOrigin = timeOrigin;
    mention.recorded ??= mention.time ?? recorded;
    mention.time ??= isOfAnswer(mention) ? end : start;
    mention.caller ??= caller;
    mention.session ??= session;
    // An element of an array, such as a message of a chat, is a record itself. So its time counts, even if the name of
    // the time is weak.
    if (frame.isArray && mention.timeOrigin !== undefined) mention.timeOrigin.isWeak = false;
  }
}

interface FrameTime extends Pick<TimeOrigin, 'isWeak' | 'isNameless'> {
  readonly time: number | undefined;
}

/**
 * Returns the time of a frame. In an object, this is the time in the member whose name fits best. In an array, it is
 * the first time, because the array may be a row of a query's result.
 */
function timeOf({ isArray, names, values }: Frame): FrameTime {
  let [best, time, isNameless]: [number, number | undefined, boolean] = [Number.POSITIVE_INFINITY, undefined, false];
  for (const [at, name] of names.entries()) {
    const isElement = isArray && name === ELEMENT;
    const rank = isElement ? 0 : rankOfTimeName(name);
    if (rank === undefined || rank >= best) continue;
    const value = values[at];
    // In an array, the named values come from elements that are pairs (`pairOf`). Cloud consoles write each row of a
    // query's result as such an array. Its times have no zone, and are in UTC.
    const found = isElement ? timeOfElement(value) : isArray ? timeInUtc(value) : (timeOfValue(value) ?? timeOfObject(value));
    if (found !== undefined) [best, time, isNameless] = [rank, found, isElement];
  }
  return { time, isWeak: time !== undefined && isWeakRank(best), isNameless };
}

/**
 * Tells whether a mention is in the answer of its record. The member's name decides before the role, because a model's
 * answer may contain a call.
 */
function isOfAnswer({ member = '', role }: Mention): boolean {
  if (/^re(?:sponse|sult|ply)|^(?:output|answer)/i.test(member)) return true;
  return role === 'issued' && !/^(?:req|input)/i.test(member);
}

/** Returns the time of a frame, even if this time has no zone. */
function localTimeOf({ names, values }: Frame): Recorded | undefined {
  const at = names.findIndex(
    (name, at) => (name === ELEMENT || rankOfTimeName(name) !== undefined) && localTimeOfValue(values[at]) !== undefined,
  );
  return at === -1 ? undefined : localTimeOfValue(values[at]);
}

/** Returns the time that an element gives. A number below 1e12 does not count as a time: most are something else. */
function timeOfElement(value: unknown): number | undefined {
  return typeof value === 'number' && value < 1e12 ? undefined : timeOfValue(value);
}

const SESSION = /^(?:(?:session|conversation|chat|thread)_?id|mcp-session-id)$/i;

function sessionOf({ names, values }: Frame): string | undefined {
  const session = values[names.findIndex((name) => SESSION.test(name))];
  return session === undefined ? undefined : String(session);
}

const LONGEST_CALLER = 256;

function callerOf(frame: Frame, path: readonly string[]): string | undefined {
  // A single member may have a name with dots, such as `req.user`.
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

/** If two members have the same name, the last counts, as in most readers of JSON. */
function memberOf({ names, values }: Members, name: string): unknown {
  return values[names.lastIndexOf(name)];
}

/** The name under which an element of an array is kept. */
export const ELEMENT = '';

/** Keeps what the outer frame may need of the inner frame. */
function keepInner(frame: Frame, outer: Frame, callerPath: readonly string[]): void {
  const { name } = frame;
  if (outer.isArray) {
    const pair = frame.isArray || frame.names.length > 4 ? undefined : pairOf(frame);
    if (pair !== undefined) keep(outer, ...pair);
    return;
  }
  if (name === undefined) return;
  keepName(outer, name);
  const matters = name.endsWith('_info') || name === 'value' || isTime(frame) || isInfo(outer) || callerPath.includes(name);
  if (matters && outer.names.length < MOST_KEPT) {
    outer.names.push(name);
    outer.values.push(frame.isArray ? frame.values : Object.fromEntries(frame.names.map((member, at) => [member, frame.values[at]])));
  }
}

/** Tells whether a frame may be a time: see `time-objects.ts`. */
function isTime({ name = '', names }: Frame): boolean {
  return names.length <= 2 && (name === '$date' || rankOfTimeName(name) !== undefined);
}

function isInfo({ name }: Frame): boolean {
  return name?.endsWith('_info') ?? false;
}

/**
 * Returns the pair, if the frame is an object of a name and a value. The results of queries and the attributes of
 * traces have such objects.
 */
function pairOf(frame: Frame): [name: string, value: unknown] | undefined {
  const name = ['key', 'field', 'name', 'Name', 'Field']
    .map((member) => memberOf(frame, member))
    .find((value) => typeof value === 'string');
  const value = memberOf(frame, 'value') ?? memberOf(frame, 'Value');
  if (typeof name !== 'string' || name === ELEMENT || value === undefined) return undefined;
  // OpenTelemetry puts the value into a further object. The member of this object names the type of the value.
  return [name, typeof value === 'object' && value !== null ? Object.values(value)[0] : value];
}
