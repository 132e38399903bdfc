/** One line of a log: which handles it has, and what it tells about them. All of it is hearsay: whoever writes to the log may lie. */
import { type FoundHandle, findHandles, HANDLE_PREFIX, LONGEST_HANDLE } from '../scan/index.ts';

/**
 * How a handle stands in a line: in what a client asked, in what a server answered, or in a text that does not say.
 * Told by JSON-RPC alone: `params` of a request that takes arguments, and `result`.
 */
export type Role = 'presented' | 'issued' | 'mentioned';

export interface Mention {
  readonly found: FoundHandle;
  readonly role: Role;
  /** What stands as `x_info` beside a handle named `x`: anything. */
  readonly info?: unknown;
}

export interface LogLine {
  /** Each handle once. */
  readonly mentions: readonly Mention[];
  /** Seconds since 1970, with fractions. Absent where the line does not tell, or not in which time zone. */
  readonly time?: number;
  /** Who the line says that it is about. */
  readonly caller?: string;
}

const STRENGTH: Record<Role, number> = { mentioned: 0, issued: 1, presented: 2 };

/** Requests whose parameters are what a client passes, not what a server says. */
const ASKING = new Set(['tools/call', 'prompts/get', 'resources/read', 'completion/complete']);

/** How deep JSON is looked into, strings with JSON in them included. Handles below are found all the same, without their context. */
const MAX_DEPTH = 64;

/** The longest name of a caller that is kept, in characters. */
const LONGEST_CALLER = 256;

/**
 * Reads a line.
 *
 * @param callerPath members that lead to the caller's name in a line of JSON
 */
export function readLine(text: string, callerPath?: readonly string[]): LogLine {
  const mentions = new Map<string, Mention>();
  const known = new Map<string, FoundHandle>();
  const note: Note = (part, role, info) => {
    for (const found of findHandles(part, known)) {
      if (found.length > LONGEST_HANDLE) continue;
      known.set(found.handle, found);
      const before = mentions.get(found.handle);
      const stronger = before !== undefined && STRENGTH[before.role] >= STRENGTH[role] ? before.role : role;
      const beside = before?.info ?? (found.length === part.length ? info : undefined);
      mentions.set(found.handle, { found, role: stronger, ...(beside !== undefined && { info: beside }) });
    }
  };
  const record = jsonIn(text);
  visit(record, 'mentioned', 0, note);
  // What JSON does not show, in names of members say, counts too.
  note(text, 'mentioned');

  const time = timeIn(record) ?? leadingTime(text);
  const caller = callerPath && callerIn(record, callerPath);
  return { mentions: [...mentions.values()], ...(time !== undefined && { time }), ...(caller !== undefined && { caller }) };
}

/** Notes the handles in a text. @param info what stands beside it, if it is one handle and nothing else */
type Note = (part: string, role: Role, info?: unknown) => void;

/** @param info what stands beside the value, under its name and `_info` */
function visit(value: unknown, role: Role, depth: number, note: Note, info?: unknown): void {
  if (typeof value === 'string') {
    if (!value.includes(HANDLE_PREFIX)) return;
    if (depth < MAX_DEPTH) visit(jsonIn(value), role, depth + 1, note);
    note(value, role, info);
  } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
    const members = value as Readonly<Record<string, unknown>>;
    for (const [name, member] of Object.entries(members)) {
      const beside = Object.hasOwn(members, `${name}_info`) ? members[`${name}_info`] : undefined;
      visit(member, roleOf(name, members) ?? role, depth + 1, note, beside);
    }
  }
}

/** What a member of a JSON-RPC message is; undefined in anything else. */
function roleOf(name: string, message: Readonly<Record<string, unknown>>): Role | undefined {
  if (name === 'params' && typeof message['method'] === 'string') return ASKING.has(message['method']) ? 'presented' : 'mentioned';
  if (name === 'result' && message['jsonrpc'] === '2.0') return 'issued';
  return undefined;
}

/** The JSON object or array that a text is, or that stands in it, from the first bracket to the last. */
function jsonIn(text: string): unknown {
  const start = text.search(/[{[]/);
  if (start === -1) return undefined;
  const whole = parse(text.slice(start));
  if (whole !== undefined) return whole;
  const brace = text.indexOf('{');
  const end = text.lastIndexOf('}') + 1;
  return brace !== -1 && end > brace ? parse(text.slice(brace, end)) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Under which names loggers write the time. */
const TIMES = ['time', 'timestamp', '@timestamp', 'ts'];

function timeIn(record: unknown): number | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const members = record as Readonly<Record<string, unknown>>;
  const name = TIMES.find((candidate) => Object.hasOwn(members, candidate));
  const value = name === undefined ? undefined : members[name];
  if (typeof value === 'string') return leadingTime(value);
  if (typeof value !== 'number' || !(value > 0)) return undefined;
  // Seconds would be past the year 5000, milliseconds before March 1973.
  return value < 1e11 ? value : value < 1e14 ? value / 1000 : undefined;
}

/** ISO 8601 (RFC 3339) at the beginning of a text, in brackets or not. Without a zone it would be a guess. */
function leadingTime(text: string): number | undefined {
  const [, date, clock, zone] = /^[[(<"']?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d{1,9})?) ?(Z|[+-]\d\d:?\d\d)/.exec(text) ?? [];
  const milliseconds = Date.parse(`${date}T${clock?.replace(',', '.')}${zone?.replace(/(\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

function callerIn(record: unknown, path: readonly string[]): string | undefined {
  let value = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  const caller = typeof value === 'number' ? String(value) : value;
  return typeof caller === 'string' && caller.length <= LONGEST_CALLER ? caller : undefined;
}
