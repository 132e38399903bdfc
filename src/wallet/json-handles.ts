/** Handles in JSON: which there are, what stands beside them, and the same JSON with something else in their places. */
import { type HandleDescription, readHandleInfo } from '../handle/index.ts';
import { findHandles, HANDLE_PREFIX, isHandle } from '../scan/index.ts';

/** A handle in a message. */
export interface SeenHandle {
  readonly handle: string;
  /** What the server says of it: the member `x_info` beside a member `x`. Rights are sorted. Hearsay: servers may lie. */
  readonly info?: HandleDescription;
  /** The member `status` beside it, on one short line. */
  readonly status?: string;
}

/** JSON that nests deeper than this is not walked: how deep a stack goes differs from machine to machine. */
const MAX_NESTING = 128;

/** More different handles than this in one message are not held. */
const MAX_HANDLES = 500;

/** The message is made to wear the wallet out; it is not passed on. */
export class ExcessiveMessage extends Error {}

/** Characters of what is shown as one line. */
const LINE_LENGTH = 80;

/**
 * Every handle in a JSON value, each once, with the best that is known of it wherever it stands.
 *
 * @param spelt texts that say JSON again; what other texts say of handles may be anyone's words, and is not believed
 * @throws {ExcessiveMessage}
 */
export function handlesIn(json: unknown, spelt: readonly string[] = []): SeenHandle[] {
  const seen = new Map<string, SeenHandle>();
  for (const text of spelt) collect(parsed(text), seen, 0);
  collect(json, seen, 0);
  return [...seen.values()];
}

/**
 * The same JSON, with each handle replaced; what has none is the very same object.
 *
 * @throws {ExcessiveMessage}
 */
export function withoutHandles<T>(json: T, aliasOf: (handle: string) => string): T {
  const rename = (text: string): string => {
    if (!text.includes(HANDLE_PREFIX)) return text;
    let [renamed, end] = ['', 0];
    for (const { handle, index } of findHandles(text)) {
      renamed += text.slice(end, index) + aliasOf(handle);
      end = index + handle.length;
    }
    return renamed + text.slice(end);
  };
  return mapStrings(json, rename);
}

/**
 * The same JSON, with what stands beside each handle cut to what a model can use: the revision, rights where there are
 * not all, and a warning. The wallet has read the rest, `list_held_handles` tells it, and a model pays for it in every answer.
 *
 * @throws {ExcessiveMessage}
 */
export function withBriefInfo<T>(json: T, depth = 0): T {
  if (typeof json !== 'object' || json === null) return json;
  requireShallow(depth);
  if (Array.isArray(json)) return json.map((item) => withBriefInfo(item, depth + 1)) as T;
  const members = json as Record<string, unknown>;
  const brief = Object.entries(members).map(([name, value]) => {
    const handle = members[name.replace(/_info$/, '')];
    const info = typeof handle === 'string' && isHandle(handle) ? infoIn(value) : undefined;
    if (info === undefined) return [name, withBriefInfo(value, depth + 1)];
    const { warning } = value as { warning?: unknown };
    return [
      name,
      { revision: info.revision, ...(info.rights && { rights: info.rights }), ...(typeof warning === 'string' && { warning }) },
    ];
  });
  return Object.fromEntries(brief) as T;
}

/** The same JSON, with a function applied to every string in it, names of members too. @throws {ExcessiveMessage} */
export function mapStrings<T>(json: T, change: (text: string) => string, depth = 0): T {
  return map(json, change, depth) as T;
}

function map(json: unknown, change: (text: string) => string, depth: number): unknown {
  if (typeof json === 'string') return change(json);
  if (typeof json !== 'object' || json === null) return json;
  requireShallow(depth);
  if (Array.isArray(json)) {
    const items = json.map((item) => map(item, change, depth + 1));
    return items.every((item, index) => item === json[index]) ? json : items;
  }
  const members = Object.entries(json);
  const changed = members.map(([name, value]) => [change(name), map(value, change, depth + 1)] as const);
  // Not by assignment: a member may be named __proto__.
  const same = changed.every(([name, value], index) => name === members[index]?.[0] && value === members[index]?.[1]);
  return same ? json : Object.fromEntries(changed);
}

function collect(json: unknown, seen: Map<string, SeenHandle>, depth: number): void {
  if (typeof json === 'string') collectFromText(json, seen);
  if (typeof json !== 'object' || json === null) return;
  requireShallow(depth);
  if (!Array.isArray(json)) collectDescribed(json as Record<string, unknown>, seen);
  for (const [name, value] of Object.entries(json)) {
    collectFromText(name, seen);
    collect(value, seen, depth + 1);
  }
}

function collectDescribed(members: Record<string, unknown>, seen: Map<string, SeenHandle>): void {
  for (const [name, handle] of Object.entries(members)) {
    if (typeof handle !== 'string' || !isHandle(handle)) continue;
    const info = infoIn(members[`${name}_info`]);
    if (info === undefined) continue;
    const status = oneLine(members['status']);
    const inOrder = { ...info, ...(info.rights && { rights: info.rights.toSorted() }) };
    note(seen, { handle, info: inOrder, ...(status !== undefined && { status }) });
  }
}

/** What stands beside a handle, unless a right in it begins like a handle: the model is shown rights, and never a handle. */
function infoIn(value: unknown): HandleDescription | undefined {
  const info = readHandleInfo(value);
  return info?.rights?.some((right) => right.includes(HANDLE_PREFIX)) ? undefined : info;
}

function collectFromText(text: string, seen: Map<string, SeenHandle>): void {
  for (const { handle } of findHandles(text)) note(seen, { handle });
}

function parsed(text: string): unknown {
  if (!text.startsWith('{') || !text.includes(HANDLE_PREFIX)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function note(seen: Map<string, SeenHandle>, handle: SeenHandle): void {
  if (seen.get(handle.handle)?.info === undefined) seen.set(handle.handle, handle);
  if (seen.size > MAX_HANDLES) throw new ExcessiveMessage(`more than ${MAX_HANDLES} handles in one message`);
}

/** A text as one short line, whatever it is; undefined where it says nothing, or may hold a handle. */
export function oneLine(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.includes(HANDLE_PREFIX)) return undefined;
  // More than enough for a line: a text may be long.
  const line = text
    .slice(0, 10 * LINE_LENGTH)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return line === '' ? undefined : [...line].slice(0, LINE_LENGTH).join('');
}

function requireShallow(depth: number): void {
  if (depth > MAX_NESTING) throw new ExcessiveMessage(`more than ${MAX_NESTING} levels in one message`);
}
