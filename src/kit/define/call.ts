/** What a tool's handler gets with a call, and what it may return. */
import type { AuthInfo, ClientCapabilities, ContentBlock, InputRequests, LoggingLevel } from '@modelcontextprotocol/server';
import type { Principal } from '../../handle/index.ts';
import type { NoFields } from './schema.ts';

/** Who calls a tool. */
export interface Caller {
  /** The authenticated caller. Absent: the deployment has no authorization, and anyone who holds a handle may use it. */
  readonly principal?: Principal;
  /**
   * The OAuth client that the principal uses. Only the same client can answer a question that a tool asked. A task belongs
   * to the principal, who may go on with it in any client.
   */
  readonly client?: string;
}

/** What a tool's handler gets with a call, beside its state and its input. */
export interface Call extends Caller {
  /** What the client supports: `elicitation`, `sampling`, `roots` (MCP 2026-07-28, basic/patterns/mrtr). */
  readonly capabilities: ClientCapabilities;
  /** The client's answers, by the keys of the questions. Read them with the SDK's `acceptedContent` and `inputResponse`. */
  readonly answers: Record<string, unknown> | undefined;
  /** The value that the handler gave to {@link ask}; undefined in the first round. A client cannot forge it. */
  readonly remembered: unknown;
  /** The scopes of the caller's access token. Empty if the deployment has no authorization. */
  readonly scopes: readonly string[];
  /**
   * The request's `_meta`, as the client sent it, without the keys that MCP has reserved for itself
   * (`io.modelcontextprotocol/…`).
   */
  readonly _meta: Readonly<Record<string, unknown>>;
  /**
   * Aborted when the client cancels the call or closes its connection. Pass it to `fetch` and to other functions that take a
   * signal.
   */
  readonly signal: AbortSignal;
  /**
   * Notifies the client of progress (MCP 2026-07-28, basic/patterns/progress), if the client asked for progress. It sends
   * nothing if `progress` has not grown since the last notification, or if the client is gone. The promise never rejects.
   */
  progress(progress: Progress): Promise<void>;
  /**
   * Sends the client a log message (MCP 2026-07-28, server/utilities/logging), if the client asked for messages of that
   * level. MCP has deprecated logging since 2026-07-28. Send no secrets. The promise never rejects.
   *
   * @param data any JSON
   * @param logger the name of the part of the program that logs
   */
  log(level: LoggingLevel, data: unknown, logger?: string): Promise<void>;
}

/** The progress of a call. */
export interface Progress {
  /** The work done so far, in any unit. It must grow with each notification. */
  readonly progress: number;
  /** The value that `progress` reaches at the end. Absent: it is not known. */
  readonly total?: number;
  /** A text for people. */
  readonly message?: string;
}

/** A call on an existing task. */
export interface TaskCall extends Call {
  /**
   * The task's id, which is the same in every revision and every fork. Pass it to other services as an idempotency key, so
   * that an old handle does not repeat an effect.
   */
  readonly task: string;
}

/**
 * Tells whether the client can show a form to its user (MCP 2026-07-28, client/elicitation). A client that declares
 * `elicitation` without a mode can.
 *
 * @example
 * ```ts
 * import { type Call, canElicit, ToolRefusal } from 'waxseal';
 *
 * function requireUser(call: Call): void {
 *   if (!canElicit(call)) throw new ToolRefusal('cannot_ask', 'This client cannot ask its user. Use another client.');
 * }
 * ```
 */
export function canElicit({ capabilities: { elicitation } }: Pick<Call, 'capabilities'>): boolean {
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** The claims of a verified access token that name its caller. They are in `extra` of the SDK's `AuthInfo`. */
export interface CallerClaims extends Record<string, unknown> {
  /** The token's `iss` claim. */
  readonly issuer: string;
  /** The token's `sub` claim. */
  readonly subject: string;
}

/**
 * Reads the caller from the authorization that the SDK passes to a handler.
 *
 * @param authInfo `extra` must have {@link CallerClaims}
 * @returns an empty object if `authInfo` is undefined, because then the deployment has no authorization
 * @throws {TypeError} `extra` names no issuer or no subject. Do not serve such a call.
 *
 * @example
 * ```ts
 * import type { ServerContext } from '@modelcontextprotocol/server';
 * import { callerOf, type Environment, sealCursor } from 'waxseal';
 *
 * function nextCursor(last: string, ctx: ServerContext, environment: Environment): Promise<string> {
 *   return sealCursor(last, { name: 'orders' }, environment, callerOf(ctx.http?.authInfo));
 * }
 * ```
 */
export function callerOf(authInfo: AuthInfo | undefined): Caller {
  if (authInfo === undefined) return {};
  const { issuer, subject } = (authInfo.extra ?? {}) as Partial<CallerClaims>;
  if (typeof issuer !== 'string' || typeof subject !== 'string' || subject === '') {
    throw new TypeError('the access token was verified, but extra names no issuer or no subject');
  }
  return { principal: { issuer, subject }, client: authInfo.clientId };
}

interface Said {
  /** The text for the model. */
  readonly text: string;
  /** More content blocks, which follow the text: images, audio, resources and links to resources. */
  readonly content?: readonly ContentBlock[];
  /** Metadata for clients that know its keys (MCP 2026-07-28, basic, "_meta"). */
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** What a handler returns: text and, if the tool declares an output schema, structured content. */
export type Saying<Output> = Said &
  (NoFields extends Output ? { readonly structuredContent?: Output } : { readonly structuredContent: Output });

/** What the handler of a tool that changes the task returns: text and structured content, and the state for the next handle. */
export type Update<State, Output> = Saying<Output> & { readonly state: State };

/** What a handler returns to ask the client a question. Made by {@link ask}. */
export interface Asking {
  /** The questions, by keys that the handler chose. */
  readonly asks: InputRequests;
  /** The value that the handler wants back with the answers. */
  readonly remember: unknown;
}

/**
 * Asks the client before the call goes on (MCP 2026-07-28, basic/patterns/mrtr). The handler must return what this function
 * returns. The client then calls again with the same arguments, and the handler finds `answers` and `remembered` in its
 * {@link Call}. Check the client's capabilities first, for example with {@link canElicit}: not every client can be asked.
 *
 * @param requests the questions, by keys of your own; `inputRequired.elicit` and its siblings make them
 * @param remember any JSON, which the client carries sealed. It is accepted only from the same caller, for the same tool and
 *   arguments, within ten minutes. Absent: the handler cannot tell whether it has asked, and a client may send answers unasked.
 *
 * @example
 * ```ts
 * import { acceptedContent, ask, defineKind, endTool, inputRequired, ToolRefusal } from 'waxseal';
 * import * as z from 'zod';
 *
 * const note = defineKind({ name: 'note', version: 1, schema: z.strictObject({ text: z.string() }), lifetime: 3600 });
 * const sure = inputRequired.elicit({ message: 'Erase the note?', requestedSchema: { type: 'object', properties: {} } });
 *
 * const erase = endTool(note, 'erase', { description: 'Erases a note.' }, (_note, _input, { answers, remembered }) => {
 *   if (remembered !== 'asked') return ask({ sure }, 'asked');
 *   if (acceptedContent(answers, 'sure') === undefined) throw new ToolRefusal('not_confirmed', 'The user wants to keep the note.');
 *   return { state: { text: '' }, text: 'Erased.' };
 * });
 * ```
 */
export function ask(requests: InputRequests, remember?: unknown): Asking {
  return { asks: requests, remember };
}
