/** What a tool's handler may know of a call, and what it may answer. */
import type { AuthInfo, ClientCapabilities, ContentBlock, InputRequests, LoggingLevel } from '@modelcontextprotocol/server';
import type { Principal } from '../../handle/index.ts';
import type { NoFields } from './schema.ts';

/** Who calls: an authenticated principal, or whoever holds the handle. */
export interface Caller {
  readonly principal?: Principal;
  /** The OAuth client that the principal calls with. A question is answered with the client that was asked; tasks are the principal's with any. */
  readonly client?: string;
}

/** What a tool's handler may know of a call beside its state and its input. */
export interface Call extends Caller {
  /** What the client can be asked for: `elicitation`, `sampling`, `roots` (MCP, basic/patterns/mrtr). */
  readonly capabilities: ClientCapabilities;
  /** What the client was asked, by the keys of the questions; for the SDK's `acceptedContent` and `inputResponse`. */
  readonly answers: Record<string, unknown> | undefined;
  /** What the handler remembered when it asked; undefined in the first round. Nobody else can have written it. */
  readonly remembered: unknown;
  /** What the caller's access token allows (`scope`); nothing where nobody asks for one. */
  readonly scopes: readonly string[];
  /** The request's `_meta`, as the client sent it, without the keys that MCP has reserved for itself (`io.modelcontextprotocol/…`). */
  readonly _meta: Readonly<Record<string, unknown>>;
  /** Aborted when the client cancels the call or is gone: nobody will read the answer. For `fetch`, and whatever else takes one. */
  readonly signal: AbortSignal;
  /**
   * Tells the client how far the work is (MCP 2026-07-28, basic/patterns/progress), if it asked for that. What does not
   * go beyond what was told before is not told; neither is anything to a client that is gone. Never rejects.
   */
  progress(progress: Progress): Promise<void>;
  /**
   * Sends the client a line of log (MCP 2026-07-28, server/utilities/logging), if it asked for lines of that level.
   * Deprecated in MCP since 2026-07-28, and for no secret. Never rejects.
   *
   * @param data any JSON
   * @param logger who writes
   */
  log(level: LoggingLevel, data: unknown, logger?: string): Promise<void>;
}

/** How far the work is. */
export interface Progress {
  /** Grows from each to the next. */
  readonly progress: number;
  /** What it grows to, where that is known. */
  readonly total?: number;
  /** For people. */
  readonly message?: string;
}

/** A call on a task that there is already. */
export interface TaskCall extends Call {
  /** The task's id, the same in every revision and fork of it: for telling upstream what was done before. */
  readonly task: string;
}

/** Whether a client shows forms to its user (MCP 2026-07-28, client/elicitation); no mode named means forms. */
export function canElicit({ capabilities: { elicitation } }: Pick<Call, 'capabilities'>): boolean {
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}

/** What a verified access token tells of its caller, in `extra` of the SDK's `AuthInfo`. */
export interface CallerClaims extends Record<string, unknown> {
  /** `iss` */
  readonly issuer: string;
  /** `sub` */
  readonly subject: string;
}

/**
 * Who calls, as verified authorization passes it on: issuer and subject in `extra`, or nobody in particular where
 * there is no authorization.
 *
 * @throws {TypeError} where a caller was let through without a name: then nobody may be served
 */
export function callerOf(authInfo: AuthInfo | undefined): Caller {
  if (authInfo === undefined) return {};
  const { issuer, subject } = (authInfo.extra ?? {}) as Partial<CallerClaims>;
  if (typeof issuer !== 'string' || typeof subject !== 'string' || subject === '') {
    throw new TypeError('authorization let a nameless caller through');
  }
  return { principal: { issuer, subject }, client: authInfo.clientId };
}

interface Said {
  readonly text: string;
  /** What else there is to show: images, sounds, resources and links to them. Behind the text. */
  readonly content?: readonly ContentBlock[];
  /** For clients that know what it means (MCP 2026-07-28, basic, "_meta"). */
  readonly _meta?: Readonly<Record<string, unknown>>;
}

/** What a handler says: text for a reader and, where the tool declares an output schema, fields for a program. */
export type Saying<Output> = Said &
  (NoFields extends Output ? { readonly structuredContent?: Output } : { readonly structuredContent: Output });

/** The same, with the state that the next handle is to carry. */
export type Update<State, Output> = Saying<Output> & { readonly state: State };

/** What a handler gives that must be told something first. Made by {@link ask}. */
export interface Asking {
  readonly asks: InputRequests;
  readonly remember: unknown;
}

/**
 * Asks the client before the call goes on (MCP 2026-07-28, basic/patterns/mrtr). The client calls again with the same
 * arguments; the handler then finds the answers, and what it wanted remembered, in its {@link Call}. Look at
 * `call.capabilities` first: not every client can be asked.
 *
 * @param requests by keys of your own; the SDK's `inputRequired.elicit` and its siblings make them
 * @param remember any JSON. It travels sealed: bound to the caller, the tool and its arguments, for ten minutes.
 *   Absent: nothing is remembered, and answers count from whoever sends them.
 */
export function ask(requests: InputRequests, remember?: unknown): Asking {
  return { asks: requests, remember };
}
