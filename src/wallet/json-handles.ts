/** Finds the handles in JSON, with the server's descriptions, and replaces the handles by aliases. */
import { type HandleDescription, readHandleInfo } from '../handle/index.ts';
import { findHandles, HANDLE_PREFIX, isHandle } from '../scan/index.ts';

export interface SeenHandle {
  readonly handle: string;
  /**
   * The server's description of the handle: the member `x_info` beside the member `x`, which holds the handle. The rights
   * in the description are sorted here, so that equal rights are equal lists. The wallet cannot verify a description, so
   * a server can lie.
   */
  readonly info?: HandleDescription;
  /** The member `status` beside the handle, as one short line. */
  readonly status?: string;
}

/** The maximum depth of JSON. Deeper JSON could overflow the stack on some machines. */
const MAX_NESTING = 128;

/** The maximum number of different handles in one message. */
const MAX_HANDLES = 500;

/** The error for a message with too many levels or handles: an attack. The wallet does not pass it on. */
export class ExcessiveMessage extends Error {}

/** The longest result of {@link oneLine}, in characters. */
const LINE_LENGTH = 80;

/**
 * Returns each handle in a JSON value once, with the server's description if there is one.
 *
 * @param spelt texts whose JSON the tool itself wrote. Descriptions in other texts do
 *   not count, because anyone may have written those.
 * @throws {ExcessiveMessage} if the value is too deep, or has too many handles
 */
export function handlesIn(json: unknown, spelt: readonly string[] = []): SeenHandle[] {
  const seen = new Map<string, SeenHandle>();
  for (const text of spelt) collect(parsed(text), seen, 0);
  collect(json, seen, 0);
  return [...seen.values()];
}

/**
 * Replaces each handle in a JSON value by its alias. A value without handles is returned itself.
 *
 * @throws {ExcessiveMessage} if the value is too deep
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
 * Shortens the description beside each handle to what a model can use: the revision, the rights of an attenuated
 * handle, and a warning. The rest would cost the model tokens in every result, and `list_held_handles` shows it.
 *
 * @throws {ExcessiveMessage} if the value is too deep
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

/** Changes every string and every member's name in a JSON value. @throws {ExcessiveMessage} if the value is too deep */
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
  // Object.fromEntries keeps a member named __proto__. An assignment would lose it.
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

/** Reads a description. A description with a handle in one of its rights is ignored: the model would see the handle. */
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

/** Makes one short line. Returns undefined if the text is blank, or may contain a handle. */
export function oneLine(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.includes(HANDLE_PREFIX)) return undefined;
  // A long text is cut first, for speed. Ten times the line's length leaves enough text.
  const line = text
    .slice(0, 10 * LINE_LENGTH)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return line === '' ? undefined : [...line].slice(0, LINE_LENGTH).join('');
}

/** @throws {ExcessiveMessage} if a value at this depth is too deep */
export function requireShallow(depth: number): void {
  if (depth > MAX_NESTING) throw new ExcessiveMessage(`more than ${MAX_NESTING} levels in one message`);
}
