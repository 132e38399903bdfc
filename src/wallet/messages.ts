/**
 * Translates JSON-RPC messages: aliases become handles on the way to the server, and handles become aliases on the way
 * back. Nothing else in a message changes. This works for every revision of MCP.
 */
import { utc } from '../handle/index.ts';
import { HANDLE_PREFIX } from '../scan/index.ts';
import { heldAliasesIn, heldAliasIn, likeAlias, type NamedHandle, nameOf, nearAliases, readAlias } from './alias.ts';
import { argumentsIn, leniently, noHandleIn, type Resolve, withHandles } from './arguments.ts';
import { LIST_TOOL, listDefinition, listHeld, offer, refusedCall, WalletRefusal } from './held-tool.ts';
import { endOf, type Holdings, hold, isHeld, isOver, type Moment, newest, taskWith } from './holdings.ts';
import { ExcessiveMessage, handlesIn, mapStrings, type SeenHandle, withBriefInfo, withoutHandles } from './json-handles.ts';
import { topicIn } from './topic.ts';

type Members = Readonly<Record<string, unknown>>;

/** The members of a JSON-RPC message that the wallet uses. */
export interface Message {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | undefined;
  readonly method?: string | undefined;
  readonly params?: Members | undefined;
  readonly result?: Members | undefined;
  readonly error?: Members | undefined;
}

/** What the wallet remembers of a request until the response comes. */
export interface Asked {
  readonly method: string;
  /** Whether the request asks for the first page of a list. */
  readonly first: boolean;
  /** The handles in the request, each with the alias from the model. */
  readonly sent: ReadonlyMap<string, string>;
  /** The topic of the call, in the model's words. */
  readonly topic?: string | undefined;
  /** The argument `handle` as the model wrote it, if it is neither a handle nor an alias. */
  readonly noHandle?: string | undefined;
}

type IsTaken = Moment['isTaken'];

/** What to do with a client's message: forward a message to the server, or answer it ourselves. */
export type Outgoing = { readonly forward: Message; readonly asked?: Asked } | { readonly answer: Message };

/** The member of `_meta` that all requests of revision 2026-07-28 have. Requests of earlier revisions lack it. */
const REVISION = 'io.modelcontextprotocol/protocolVersion';

/** Tells whether a request follows revision 2026-07-28 or later. */
export function isModern({ params }: Message): boolean {
  return typeof (params?.['_meta'] as Members | undefined)?.[REVISION] === 'string';
}

/**
 * Translates a message from the client: replaces aliases by handles, or answers in the server's place.
 *
 * @param now seconds since 1970
 * @param before the earlier request, if this message repeats that request with responses to input requests. The aliases
 *   then mean the same handles as in the earlier request, even if the tasks have newer handles.
 * @param isTaken tells whether an alias names a task of another server
 */
export function outgoing(message: Message, holdings: Holdings, now: number, before?: Asked, isTaken: IsTaken = () => false): Outgoing {
  const { id, method, params, result } = message;
  const sent = new Map<string, string>();
  const again = new Map([...(before?.sent ?? [])].map(([handle, name]) => [name, handle]));
  const resolve: Resolve = (text, isHandle = false) => {
    const named = meantBy(text, holdings, now, isHandle, isTaken);
    if (named === undefined) return text;
    const name = nameOf(named);
    const handle = again.get(name) ?? handleOf(named, holdings, now, isTaken);
    sent.set(handle, name);
    return handle;
  };
  try {
    if (method === undefined) {
      return { forward: result === undefined ? message : { ...message, result: mapStrings(result, leniently(resolve)) } };
    }
    if (id !== undefined && method === 'tools/call' && isListTool(params?.['name']) && holdings.lists_itself === undefined) {
      return { answer: answerTo(message, listHeld(holdings, now)) };
    }
    const forward = params === undefined ? message : { ...message, params: withHandles(params, resolve) };
    const first = params?.['cursor'] === undefined;
    if (method !== 'tools/call') return { forward, asked: { method, first, sent } };
    return { forward, asked: { method, first, sent, topic: topicIn(argumentsIn(params)), noHandle: noHandleIn(params, forward.params) } };
  } catch (error) {
    const refusal =
      error instanceof ExcessiveMessage
        ? new WalletRefusal('invalid_arguments', `The wallet did not send the message: ${error.message}.`)
        : error;
    if (!(refusal instanceof WalletRefusal)) throw error;
    return { answer: refusalOf(message, refusal) };
  }
}

/** Tells whether a name is that of the wallet's tool. Some hosts write a prefix before the names of a server's tools. */
function isListTool(name: unknown): boolean {
  return String(name).replace(/^mcp__[\w-]+__/, '') === LIST_TOOL;
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

/**
 * Returns the alias in an argument. Labels such as `task id:` may stand around the alias. Returns undefined if there is
 * no alias, or if other words than labels stand around it.
 *
 * @param isHandle whether the text is the argument `handle`. Then any words may stand around the alias, and text that
 *   looks like an alias counts as one.
 * @throws {WalletRefusal} `unknown_alias`
 */
function meantBy(text: string, holdings: Holdings, now: number, isHandle: boolean, isTaken: IsTaken): NamedHandle | undefined {
  const aliases = holdings.tasks.map(({ alias }) => alias);
  const isHeld = (alias: string) => aliases.includes(alias);
  const [named, ...others] = isHandle ? heldAliasesIn(text, (alias) => isHeld(alias) || isTaken(alias)) : [heldAliasIn(text, isHeld)];
  if (others.length > 0) {
    const names = [named, ...others].map(nameOf).join(' and ');
    throw new WalletRefusal('unknown_alias', `The argument "handle" names ${names}. Pass one of them. ${offer(holdings, [], now)}`);
  }
  const meant = readAlias(text) ?? named;
  if (meant !== undefined) return meant;
  const like = isHandle && !text.includes(HANDLE_PREFIX) ? likeAlias(text) : undefined;
  const near = nearAliases(like ?? text, aliases);
  if (near.length === 0 && like === undefined) return undefined;
  throw new WalletRefusal('unknown_alias', `${shown(text)} is not an alias of this wallet. ${offer(holdings, near, now)}`);
}

/** The wallet knows a server only by its URL or command. */
const OTHER_NAME =
  'If it is a task of this server, then the server had another URL or command: the user must start the wallet with the URL or command as it was written before.';

/** @throws {WalletRefusal} `unknown_alias` or `expired` */
function handleOf(named: NamedHandle, holdings: Holdings, now: number, isTaken: IsTaken): string {
  const task = holdings.tasks.find(({ alias }) => alias === named.alias);
  if (task === undefined && isTaken(named.alias))
    throw new WalletRefusal('unknown_alias', `The wallet holds ${named.alias} for another server. ${OTHER_NAME}`);
  if (task === undefined)
    throw new WalletRefusal('unknown_alias', `The wallet has no task ${named.alias} of this server. ${offer(holdings, [], now)}`);
  if (isOver(task, now)) {
    throw new WalletRefusal('expired', `The handle of ${task.alias} expired at ${utc(endOf(task))}. Start again with a new task.`);
  }
  const { revision } = named;
  const held = revision === undefined ? newest(task) : task.handles.find((handle) => handle.revision === revision);
  if (held === undefined) {
    const revisions = task.handles.map((handle) => handle.revision).join(', ');
    throw new WalletRefusal('unknown_alias', `The wallet no longer has revision ${revision} of ${task.alias}; it has: ${revisions}.`);
  }
  return held.handle;
}

/** The start of every handle. A truncated handle still has it. */
const LIKE_HANDLE = HANDLE_PREFIX.slice(0, 8);

/** Describes an argument in an error, without repeating a long text or a part of a handle. */
function shown(text: string): string {
  if (text.trim() === '') return 'An empty text';
  if (text.includes(LIKE_HANDLE)) return 'A part of a handle';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

export interface Incoming {
  readonly message: Message;
  /** The same object as before if the message added nothing. */
  readonly holdings: Holdings;
}

/**
 * Translates a message from the server: holds its handles, and puts aliases in their place.
 *
 * @param asked the request, if the message is its response
 * @throws {ExcessiveMessage} if the message must not be passed on
 */
export function incoming(message: Message, asked: Asked | undefined, before: Holdings, moment: Omit<Moment, 'sent'>): Incoming {
  const parts = mapParts(message, (part) => withoutSealed(part, asked));
  const seen = handlesIn(parts, spelt(message));
  if (seen.length === 0) return { message: withAliasesInError(message, asked, before, moment.now), holdings: before };
  const sent = asked?.sent ?? new Map<string, string>();
  const isNews = !seen.every((handle) => isHeld(before, handle));
  const holdings = isNews ? hold(before, seen, { ...moment, sent: new Set(sent.keys()), topic: topicOfBegun(seen, asked) }) : before;
  const names = new Map(seen.map(({ handle }) => [handle, sent.get(handle) ?? aliasOf(handle, holdings)]));
  const named = withoutHandles(withBriefInfo(parts), (handle) => names.get(handle) ?? NOT_HELD);
  return { message: { ...message, ...mapParts(message, (part, name) => ({ ...named[name], ...sealedOf(part, asked) })) }, holdings };
}

/** Returns the topic of the call, if its response starts exactly one task. */
function topicOfBegun(seen: readonly SeenHandle[], asked: Asked | undefined): string | undefined {
  return seen.filter(({ info }) => info?.revision === 1).length === 1 ? asked?.topic : undefined;
}

/** What a server of the kit writes if a call lacks the argument `handle`. */
const LACKS_HANDLE = 'needs the argument "handle"';

/**
 * Lists the aliases in the server's error about a missing or wrong argument `handle`. The server advises how to copy a
 * handle, but the model sees only aliases.
 */
function withAliasesInError(message: Message, asked: Asked | undefined, holdings: Holdings, now: number): Message {
  const { error } = (message.result?.['structuredContent'] ?? {}) as { error?: { code?: unknown; message?: unknown } | null };
  if (asked === undefined || message.result?.['isError'] !== true) return message;
  const { noHandle } = asked;
  let refusal: WalletRefusal;
  if (error?.code === 'invalid_arguments' && String(error.message).includes(LACKS_HANDLE)) {
    refusal = new WalletRefusal('invalid_arguments', `${error.message}\n${offer(holdings, [], now)}`);
  } else if (error?.code === 'malformed' && noHandle !== undefined) {
    // A part of a handle may come from a chat before the wallet. If the wallet has nothing better to offer, the advice stays.
    if (noHandle.includes(LIKE_HANDLE) && holdings.tasks.every((task) => isOver(task, now))) return message;
    refusal = new WalletRefusal('unknown_alias', `${shown(noHandle)} is not an alias of this wallet. ${offer(holdings, [], now)}`);
  } else return message;
  return { ...message, result: { ...message.result, ...refusedCall(refusal) } };
}

const NOT_HELD = '(a handle that the wallet does not hold)';

/** Returns the alias of a handle, or a remark if the handle is too large for the wallet to hold. */
function aliasOf(handle: string, holdings: Holdings): string {
  const task = taskWith(holdings, handle);
  if (task === undefined) return NOT_HELD;
  const held = task.handles.find((one) => one.handle === handle);
  return held === newest(task) ? task.alias : `${task.alias}@${held?.revision}`;
}

const PARTS = ['params', 'result', 'error'] as const;

type Parts = { readonly [name in (typeof PARTS)[number]]?: Members | undefined };

/** Changes `params`, `result` and `error`, the parts of a message that a server fills. */
function mapParts(message: Message, change: (part: Members, name: (typeof PARTS)[number]) => Members): Parts {
  const changed = PARTS.map((name) => [name, message[name] && change(message[name], name)] as const);
  return Object.fromEntries(changed.filter(([, part]) => part !== undefined));
}

/**
 * Returns `requestState` and `nextCursor`, which must not change. They may look like handles, but belong to the
 * protocol: the client sends them back, and the model does not see them.
 */
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

/**
 * Returns the texts whose descriptions of handles the wallet believes: those of a result without structured content.
 * The tool itself wrote the JSON in these texts. JSON in other texts may come from anyone.
 */
function spelt({ result }: Message): string[] {
  const content = result?.['structuredContent'] === undefined && result?.['content'];
  return Array.isArray(content) ? content.map((block: Members | null) => block?.['text']).filter((text) => typeof text === 'string') : [];
}

/** A page of a server's tools. The last page also has the wallet's tool. */
export interface ListedTools {
  readonly message: Message;
  /** Whether the server lists a tool with the same name as the wallet's tool. If so, the wallet's tool is left out. */
  readonly own: boolean;
  readonly last: boolean;
}

/**
 * Adds the wallet's tool to the last page of `tools/list`.
 *
 * @param own whether an earlier page had a tool with the same name as the wallet's tool
 * @returns undefined if the message has no list of tools
 */
export function listedTools(message: Message, own: boolean): ListedTools | undefined {
  const tools = message.result?.['tools'];
  if (!Array.isArray(tools)) return undefined;
  const found = own || tools.some((tool: Members | null) => tool?.['name'] === LIST_TOOL);
  const last = typeof message.result?.['nextCursor'] !== 'string';
  if (found || !last) return { message, own: found, last };
  return { message: { ...message, result: { ...message.result, tools: [...tools, listDefinition] } }, own: found, last };
}
