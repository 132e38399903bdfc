/** The types of what a tool's handler receives with a call, and of what the handler may return. */
import type { AuthInfo, ClientCapabilities, ContentBlock, InputRequests, LoggingLevel } from '@modelcontextprotocol/server';
import type { Principal } from '../../handle/index.ts';
import type { NoFields } from '../values/schema.ts';

/** The caller of a tool, and the OAuth client that the caller uses. */
export interface Caller {
  /** The authenticated caller. Absent: the deployment has no authorization, so anyone who holds a handle may use that handle. */
  readonly principal?: Principal;
  /**
   * The id of the OAuth client that the principal uses. If a tool has asked a question, only this client can answer it. A
   * task itself belongs to the principal, who may continue the task in any client.
   */
  readonly client?: string;
}

/** The facts and functions that a tool's handler receives with a call, in addition to the state and the input. */
export interface Call extends Caller {
  /** The capabilities of the client: `elicitation`, `sampling`, `roots` (MCP 2026-07-28, basic/patterns/mrtr). */
  readonly capabilities: ClientCapabilities;
  /**
   * The client's answers to the tool's questions, by the keys of the questions. Read them with the SDK's `acceptedContent` and
   * `inputResponse`.
   */
  readonly answers: Record<string, unknown> | undefined;
  /** The value that the handler passed to {@link ask}; undefined before the handler has asked. A client cannot forge this value. */
  readonly remembered: unknown;
  /** The scopes of the caller's access token. Empty if the deployment has no authorization. */
  readonly scopes: readonly string[];
  /**
   * The request's `_meta`, as the client sent it, without the keys that MCP has reserved for itself
   * (`io.modelcontextprotocol/…`).
   */
  readonly _meta: Readonly<Record<string, unknown>>;
  /**
   * A signal that is aborted when the client cancels the call or closes its connection. Pass the signal to `fetch` and to
   * other functions that take a signal.
   */
  readonly signal: AbortSignal;
  /**
   * Notifies the client of progress (MCP 2026-07-28, basic/patterns/progress), if the client asked for progress. The function
   * sends nothing if `progress` has not grown since the last notification, or if the client is gone. The promise never rejects.
   */
  progress(progress: Progress): Promise<void>;
  /**
   * Sends the client a log message (MCP 2026-07-28, server/utilities/logging), if the client asked for messages of this
   * level. MCP has deprecated logging since 2026-07-28. The message must contain no secrets. The promise never rejects.
   *
   * @param data the message, as any JSON value
   * @param logger the name of the part of your program that sends the message
   */
  log(level: LoggingLevel, data: unknown, logger?: string): Promise<void>;
}

/** The progress of a call. */
export interface Progress {
  /** The work done so far, in any unit. This number must grow with each notification. */
  readonly progress: number;
  /** The value that `progress` reaches at the end. Absent: this value is not known. */
  readonly total?: number;
  /** A text for people. */
  readonly message?: string;
}

/** A call on an existing task. */
export interface TaskCall extends Call {
  /**
   * The task's id, which is the same in every revision and every fork. Pass this id to other services as an idempotency key, so
   * that a call with an old handle does not repeat an effect.
   */
  readonly task: string;
}

/**
 * Tells whether the client can show a form to its user (MCP 2026-07-28, client/elicitation). A client that declares
 * `elicitation` without a mode can show forms.
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

/** The claims of a verified access token that name the caller. The member `extra` of the SDK's `AuthInfo` contains them. */
export interface CallerClaims extends Record<string, unknown> {
  /** The token's `iss` claim. */
  readonly issuer: string;
  /** The token's `sub` claim. */
  readonly subject: string;
}

/**
 * Reads the caller from the authorization that the SDK passes to a handler.
 *
 * @param authInfo the authorization; its `extra` must have the members of {@link CallerClaims}
 * @returns the caller; an empty object if `authInfo` is undefined, because then the deployment has no authorization
 * @throws {TypeError} `extra` lacks the issuer or the subject. Do not serve such a call.
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
    throw new TypeError('the access token was verified, but "extra" of its AuthInfo lacks the issuer or the subject');
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

/** The answer that a handler returns: text and, if the tool declares an output schema, structured content. */
export type Saying<Output> = Said &
  (NoFields extends Output ? { readonly structuredContent?: Output } : { readonly structuredContent: Output });

/** The return value of a handler that changes the task: an answer as in {@link Saying}, and the state for the next handle. */
export type Update<State, Output> = Saying<Output> & { readonly state: State };

/** The return value of a handler that asks the client a question. The function {@link ask} returns this value. */
export interface Asking {
  /** The questions. The handler has chosen a key for each question. */
  readonly asks: InputRequests;
  /** The value that the handler wants to get back together with the answers. */
  readonly remember: unknown;
}

/**
 * Asks the client a question before the tool does its work (MCP 2026-07-28, basic/patterns/mrtr). The handler must return the
 * result of this function. The client then calls the tool again with the same arguments, and the handler finds `answers` and
 * `remembered` in its {@link Call}. Not every client can be asked, so check the client's capabilities first, for example
 * with {@link canElicit}.
 *
 * @param requests the questions; choose a key for each, and make the question with `inputRequired.elicit`, `.createMessage` or
 *   `.listRoots`
 * @param remember any JSON. The client carries this value sealed. The kit accepts the value for ten minutes, from the
 *   present caller, for a call of this tool with the present arguments. Absent: the handler cannot tell whether it has
 *   asked, because a client can send answers to questions that nobody asked.
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
