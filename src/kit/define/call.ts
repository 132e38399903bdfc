/** What a handler receives with a call, and what it may return. */
import type { AuthInfo, ClientCapabilities, ContentBlock, InputRequests, LoggingLevel } from '@modelcontextprotocol/server';
import type { Principal } from '../../handle/index.ts';
import type { NoFields } from '../values/schema.ts';

/** The caller of a tool, and the OAuth client that the caller uses. */
export interface Caller {
  /** The authenticated caller. Absent: the server has no authorization, so anyone may use a handle that they hold. */
  readonly principal?: Principal;
  /**
   * The id of the OAuth client that the caller uses. If a tool has asked a question, only this client can answer it.
   * The task itself belongs to the caller, who may continue it in any client.
   */
  readonly client?: string;
}

/** What a handler receives with a call, besides the state and the input. */
export interface Call extends Caller {
  /** What the client can do: `elicitation`, `sampling`, `roots` (MCP 2026-07-28, basic/patterns/mrtr). */
  readonly capabilities: ClientCapabilities;
  /**
   * The client's answers to the tool's questions, by the key of each question. Read them with the SDK's
   * `acceptedContent` and `inputResponse`.
   */
  readonly answers: Record<string, unknown> | undefined;
  /**
   * The value that the handler passed to {@link ask}. Undefined until the handler has asked. A client cannot forge it.
   */
  readonly remembered: unknown;
  /** The scopes of the caller's access token. Empty if the server has no authorization. */
  readonly scopes: readonly string[];
  /**
   * The request's `_meta`, without the members that the SDK reads: the protocol version, `clientInfo`,
   * `clientCapabilities` and `logLevel`, each with the prefix `io.modelcontextprotocol/`.
   */
  readonly _meta: Readonly<Record<string, unknown>>;
  /** Aborted when the client cancels the call or closes its connection. Pass this signal to `fetch`, for example. */
  readonly signal: AbortSignal;
  /**
   * Reports progress to a client that asked for it (MCP 2026-07-28, basic/patterns/progress). The promise never
   * rejects. Nothing is sent in these cases:
   *
   * - The client is gone.
   * - `progress` has not grown since the last report.
   */
  progress(progress: Progress): Promise<void>;
  /**
   * Sends a log message to a client that asked for this level (MCP 2026-07-28, server/utilities/logging). The message
   * must contain no secrets. The promise never rejects. MCP 2026-07-28 deprecates logging.
   *
   * @param data the message: any JSON value
   * @param logger the part of your program that sends the message
   */
  log(level: LoggingLevel, data: unknown, logger?: string): Promise<void>;
}

/** The progress of a call. */
export interface Progress {
  /** The work done so far, in any unit. It must grow with each report. */
  readonly progress: number;
  /** The value of `progress` at the end. Absent: not known. */
  readonly total?: number;
  /** A text for people. */
  readonly message?: string;
}

/** A call on an existing task. */
export interface TaskCall extends Call {
  /**
   * The task's id. It stays the same in every revision and every fork. Pass it to other services as an idempotency key,
   * so that a call with an old handle repeats no effect.
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

/** The two claims that name the caller, from a verified access token. `extra` of the SDK's `AuthInfo` has them. */
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
 * @returns the caller; an empty object if `authInfo` is undefined, because the server then has no authorization
 * @throws {TypeError} `extra` lacks the issuer or the subject; do not serve such a call
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
  /** Content blocks after the text: images, audio, resources and links to resources. */
  readonly content?: readonly ContentBlock[];
  /** Metadata for clients that know its keys (MCP 2026-07-28, basic, "_meta"). */
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** The answer of a handler: text, and structured content if the tool declares an output schema. */
export type Saying<Output> = Said &
  (NoFields extends Output ? { readonly structuredContent?: Output } : { readonly structuredContent: Output });

/** The answer of a handler that changes the task. It includes the state for the next handle. */
export type Update<State, Output> = Saying<Output> & { readonly state: State };

/** A question to the client. A handler gets it from {@link ask} and returns it. */
export interface Asking {
  /** The questions, by the keys that the handler chose. */
  readonly asks: InputRequests;
  /** The value that the handler gets back with the answers. */
  readonly remember: unknown;
}

/**
 * Asks the client questions before the tool does its work (MCP 2026-07-28, basic/patterns/mrtr). The handler must
 * return the result. The client then calls the tool again with the same arguments, and the handler finds `answers` and
 * `remembered` in its {@link Call}.
 *
 * Some clients cannot be asked. Check the client's capabilities first, for example with {@link canElicit}.
 *
 * @param requests the questions, by keys that you choose; make each with `inputRequired.elicit`, `.createMessage` or
 *   `.listRoots`
 * @param remember any JSON value. The client carries it sealed. The kit accepts it for ten minutes, from the same
 *   caller, for the same tool and arguments. Without it, the handler cannot tell whether it has asked, because a client
 *   can send answers to questions that nobody asked.
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
