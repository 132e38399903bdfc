/**
 * The wallet as functions over JSON-RPC messages: aliases become handles on the way to the server, handles become
 * aliases on the way back. Whatever else is in a message passes as it is, of whatever revision it is.
 */
import { utc } from '../handle/index.ts';
import { HANDLE_PREFIX } from '../scan/index.ts';
import { heldAliasIn, likeAlias, type NamedHandle, nameOf, nearAliases, readAlias } from './alias.ts';
import { LIST_TOOL, listDefinition, listHeld, offer, refusedCall, WalletRefusal } from './held-tool.ts';
import { endOf, type Holdings, hold, isHeld, isOver, type Moment, newest, taskWith } from './holdings.ts';
import { ExcessiveMessage, handlesIn, mapStrings, type SeenHandle, withBriefInfo, withoutHandles } from './json-handles.ts';
import { topicIn } from './topic.ts';

type Members = Readonly<Record<string, unknown>>;

/** A JSON-RPC message, as far as the wallet looks into it. */
export interface Message {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | undefined;
  readonly method?: string | undefined;
  readonly params?: Members | undefined;
  readonly result?: Members | undefined;
  readonly error?: Members | undefined;
}

/** What of a request must be known when its answer comes. */
export interface Asked {
  readonly method: string;
  /** Whether it asks for the first page of a list. */
  readonly first: boolean;
  /** The handles that it carries, and how the model named them. */
  readonly sent: ReadonlyMap<string, string>;
  /** What the call is about, in the model's words. */
  readonly topic?: string | undefined;
  /** What stands where a handle belongs and is none, nor an alias. */
  readonly noHandle?: string | undefined;
}

/** Where a client's message goes: on to the server, or back with an answer of the wallet's own. */
export type Outgoing = { readonly forward: Message; readonly asked?: Asked } | { readonly answer: Message };

/** Where a task's address may stand, as a whole or within. */
const ADDRESS = /task_[a-z0-9]{6}(?:@\d+)?/g;

/** What the client sends beside arguments that may repeat what the wallet named: answers to input requests, and completions. */
const REPEATING = ['inputResponses', 'argument', 'context'];

/** Where it names resources: one that it reads or subscribes to, and those that it listens for. */
const ADDRESSING = ['uri', 'notifications'];

/** The last member of `_meta` that every request of revision 2026-07-28 has, and none before. */
const REVISION = 'io.modelcontextprotocol/protocolVersion';

/** Whether a request is of revision 2026-07-28 or later: it says so itself. */
export function isModern({ params }: Message): boolean {
  return typeof (params?.['_meta'] as Members | undefined)?.[REVISION] === 'string';
}

/**
 * A message of the client: with handles for aliases, or the wallet's answer to it.
 *
 * @param now seconds since 1970
 * @param before what the request carried that this one repeats with answers to its input requests: it carries the same again
 */
export function outgoing(message: Message, holdings: Holdings, now: number, before?: Asked): Outgoing {
  const { id, method, params, result } = message;
  const sent = new Map<string, string>();
  const again = new Map([...(before?.sent ?? [])].map(([handle, name]) => [name, handle]));
  const resolve: Resolve = (text, isHandle = false) => {
    const named = meantBy(text, holdings, now, isHandle);
    if (named === undefined) return text;
    const name = nameOf(named);
    const handle = again.get(name) ?? handleOf(named, holdings, now);
    sent.set(handle, name);
    return handle;
  };
  try {
    if (method === undefined) {
      return { forward: result === undefined ? message : { ...message, result: mapStrings(result, leniently(resolve)) } };
    }
    if (id !== undefined && method === 'tools/call' && params?.['name'] === LIST_TOOL && holdings.lists_itself === undefined) {
      return { answer: answerTo(message, listHeld(holdings, now)) };
    }
    const forward = params === undefined ? message : { ...message, params: withHandles(params, resolve) };
    const first = params?.['cursor'] === undefined;
    if (method !== 'tools/call') return { forward, asked: { method, first, sent } };
    return { forward, asked: { method, first, sent, topic: topicIn(params?.['arguments']), noHandle: noHandleIn(forward.params) } };
  } catch (error) {
    const refusal = error instanceof ExcessiveMessage ? new WalletRefusal('invalid_arguments', `Too much: ${error.message}.`) : error;
    if (!(refusal instanceof WalletRefusal)) throw error;
    return { answer: refusalOf(message, refusal) };
  }
}

function answerTo(request: Message, result: object): Message {
  const { id } = request;
  return { jsonrpc: '2.0', id, result: { ...(isModern(request) && { resultType: 'complete' }), ...result } };
}

function refusalOf(request: Message, refusal: WalletRefusal): Message {
  if (request.method === 'tools/call') return answerTo(request, refusedCall(refusal));
  const error = { code: -32_602, message: refusal.message, data: { code: refusal.code } };
  return { jsonrpc: '2.0', id: request.id, error };
}

/** The handle that a text means, or the text. @param isHandle whether it stands where a handle belongs @throws {WalletRefusal} */
type Resolve = (text: string, isHandle?: boolean) => string;

function withHandles(params: Members, resolve: Resolve): Members {
  const lenient = leniently(resolve);
  const changed = Object.entries(params).map(([name, value]) => {
    if (name === 'arguments') return [name, withHandlesInArguments(value, resolve)];
    if (ADDRESSING.includes(name)) return [name, mapStrings(value, (text) => text.replace(ADDRESS, lenient))];
    return [name, REPEATING.includes(name) ? mapStrings(value, lenient) : value];
  });
  return Object.fromEntries(changed);
}

/** Tools that call others take the arguments of these as `arguments`. */
function withHandlesInArguments(args: unknown, resolve: Resolve): unknown {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return mapStrings(args, (text) => resolve(text));
  const changed = Object.entries(args).map(([name, value]) => {
    if (name === 'handle' && typeof value === 'string') return [name, resolve(value, true)];
    return [name, name === 'arguments' ? withHandlesInArguments(value, resolve) : mapStrings(value, (text) => resolve(text))];
  });
  return Object.fromEntries(changed);
}

/** How what was once a handle begins, however short it was cut. */
const LIKE_HANDLE = HANDLE_PREFIX.slice(0, 8);

/** What stands in the argument `handle` of a call, or of one within it, and is no handle. */
function noHandleIn(params: unknown): string | undefined {
  const args = (params as Members | null | undefined)?.['arguments'] as Members | null | undefined;
  if (typeof args !== 'object' || args === null) return undefined;
  const { handle } = args;
  return typeof handle === 'string' && !handle.includes(LIKE_HANDLE) ? handle : noHandleIn(args);
}

/** What stands where people type may look like an alias and be none: what cannot be resolved stays. */
function leniently(resolve: Resolve): (text: string) => string {
  return (text) => {
    try {
      return resolve(text);
    } catch (error) {
      if (error instanceof WalletRefusal) return text;
      throw error;
    }
  };
}

/**
 * What an argument names; undefined where it is no alias and none was meant. Only a whole argument is an alias, with
 * what models write around one: what a text mentions is left alone.
 *
 * @param isHandle whether it stands where a handle belongs: whatever looks like an alias there is meant for one
 * @throws {WalletRefusal} `unknown_alias`
 */
function meantBy(text: string, holdings: Holdings, now: number, isHandle: boolean): NamedHandle | undefined {
  const aliases = holdings.tasks.map(({ alias }) => alias);
  const named = readAlias(text) ?? heldAliasIn(text, (alias) => aliases.includes(alias), !isHandle);
  if (named !== undefined) return named;
  const like = isHandle && !text.includes(HANDLE_PREFIX) ? likeAlias(text) : undefined;
  const near = nearAliases(like ?? text, aliases);
  if (near.length === 0 && like === undefined) return undefined;
  throw new WalletRefusal('unknown_alias', `${shown(text)} is no alias that is held. ${offer(holdings, near, now)}`);
}

/** The handle of a task. @throws {WalletRefusal} */
function handleOf(named: NamedHandle, holdings: Holdings, now: number): string {
  const task = holdings.tasks.find(({ alias }) => alias === named.alias);
  if (task === undefined)
    throw new WalletRefusal('unknown_alias', `${named.alias} is not held for this server. ${offer(holdings, [], now)}`);
  if (isOver(task, now)) {
    throw new WalletRefusal('expired', `The handle of ${task.alias} expired at ${utc(endOf(task))}. Start again with a new task.`);
  }
  const { revision } = named;
  const held = revision === undefined ? newest(task) : task.handles.find((handle) => handle.revision === revision);
  if (held === undefined) {
    const revisions = task.handles.map((handle) => handle.revision).join(', ');
    throw new WalletRefusal('unknown_alias', `Revision ${revision} of ${task.alias} is not held; held are: ${revisions}.`);
  }
  return held.handle;
}

/** A text that was passed, as far as it is worth repeating. */
function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A message of the server, for the client, and what is held from then on. */
export interface Incoming {
  readonly message: Message;
  /** The same object where nothing was added. */
  readonly holdings: Holdings;
}

/**
 * A message of the server, with aliases for handles.
 *
 * @param asked the request that it answers, if it does
 * @throws {ExcessiveMessage} where it is not to be passed on
 */
export function incoming(message: Message, asked: Asked | undefined, before: Holdings, moment: Omit<Moment, 'sent'>): Incoming {
  const parts = mapParts(message, (part) => withoutSealed(part, asked));
  const seen = handlesIn(parts, spelt(message));
  if (seen.length === 0) return { message: withoutAdviceOnCopying(message, asked, before, moment.now), holdings: before };
  const sent = asked?.sent ?? new Map<string, string>();
  const isNews = !seen.every((handle) => isHeld(before, handle));
  const holdings = isNews ? hold(before, seen, { ...moment, sent: new Set(sent.keys()), topic: topicOfBegun(seen, asked) }) : before;
  const names = new Map(seen.map(({ handle }) => [handle, sent.get(handle) ?? aliasOf(handle, holdings)]));
  const named = withoutHandles(withBriefInfo(parts), (handle) => names.get(handle) ?? NOT_HELD);
  return { message: { ...message, ...mapParts(message, (part, name) => ({ ...named[name], ...sealedOf(part, asked) })) }, holdings };
}

/** What a call was about, where it began one task, and no others. */
function topicOfBegun(seen: readonly SeenHandle[], asked: Asked | undefined): string | undefined {
  return seen.filter(({ info }) => info?.revision === 1).length === 1 ? asked?.topic : undefined;
}

/** A server tells how to copy a handle again; the model has seen none, and must know which aliases there are. */
function withoutAdviceOnCopying(message: Message, asked: Asked | undefined, holdings: Holdings, now: number): Message {
  const { error } = (message.result?.['structuredContent'] ?? {}) as { error?: { code?: unknown } | null };
  if (asked?.noHandle === undefined || message.result?.['isError'] !== true || error?.code !== 'malformed') return message;
  const refusal = new WalletRefusal('unknown_alias', `${shown(asked.noHandle)} is no alias that is held. ${offer(holdings, [], now)}`);
  return { ...message, result: { ...message.result, ...refusedCall(refusal) } };
}

const NOT_HELD = '(a handle that is not held)';

/** How the model is told of a handle. One that is larger than all that may be held is not held. */
function aliasOf(handle: string, holdings: Holdings): string {
  const task = taskWith(holdings, handle);
  if (task === undefined) return NOT_HELD;
  const held = task.handles.find((one) => one.handle === handle);
  return held === newest(task) ? task.alias : `${task.alias}@${held?.revision}`;
}

const PARTS = ['params', 'result', 'error'] as const;

type Parts = { readonly [name in (typeof PARTS)[number]]?: Members | undefined };

/** What of a message is the server's to fill. */
function mapParts(message: Message, change: (part: Members, name: (typeof PARTS)[number]) => Members): Parts {
  const changed = PARTS.map((name) => [name, message[name] && change(message[name], name)] as const);
  return Object.fromEntries(changed.filter(([, part]) => part !== undefined));
}

/** What is sealed in the format of handles, too, and the protocol's: the client passes it back, and no model sees it. */
function sealedOf({ resultType, requestState, nextCursor }: Members, asked: Asked | undefined): Members {
  return {
    ...(resultType === 'input_required' && typeof requestState === 'string' && { requestState }),
    ...(asked?.method.endsWith('/list') && typeof nextCursor === 'string' && { nextCursor }),
  };
}

function withoutSealed(part: Members, asked: Asked | undefined): Members {
  const sealed = sealedOf(part, asked);
  return Object.fromEntries(Object.entries(part).filter(([name]) => !Object.hasOwn(sealed, name)));
}

/** A result without structured content may say it as text. What is in such a text is the tool's to say; within other texts it may be anyone's. */
function spelt({ result }: Message): string[] {
  const content = result?.['structuredContent'] === undefined && result?.['content'];
  return Array.isArray(content) ? content.map((block: Members | null) => block?.['text']).filter((text) => typeof text === 'string') : [];
}

/** A page of a server's tools, with the wallet's own on the last one. */
export interface ListedTools {
  readonly message: Message;
  /** Whether the server has a tool of that name on one of the pages so far; then the wallet's hides. */
  readonly own: boolean;
  /** Whether there are no more pages. */
  readonly last: boolean;
}

/** @param own whether an earlier page had the server's own tool of that name */
export function listedTools(message: Message, own: boolean): ListedTools | undefined {
  const tools = message.result?.['tools'];
  if (!Array.isArray(tools)) return undefined;
  const found = own || tools.some((tool: Members | null) => tool?.['name'] === LIST_TOOL);
  const last = typeof message.result?.['nextCursor'] !== 'string';
  if (found || !last) return { message, own: found, last };
  return { message: { ...message, result: { ...message.result, tools: [...tools, listDefinition] } }, own: found, last };
}
