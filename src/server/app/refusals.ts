/** What is answered to requests that no tool sees: JSON-RPC errors in our words, for a framework's may quote the request. */
import type { TokenReason } from './access-token.ts';
import { BODY_LIMIT } from './endpoint.ts';

/** Why a request was refused before any tool: fixed words, and all that the log tells of it beside the status. */
export type RefusalReason =
  | TokenReason
  | 'token_missing'
  | 'scope'
  | 'host'
  | 'origin'
  | 'forwarded'
  | 'target'
  | 'path'
  | 'method'
  | 'accept'
  | 'content_type'
  | 'encoding'
  | 'charset'
  | 'too_large'
  | 'body'
  | 'timeout'
  | 'rate'
  | 'overload'
  | 'protocol'
  | 'defect';

/** An answer that is an error and belongs to no request (JSON-RPC 2.0 §5.1). */
export interface RpcError {
  readonly jsonrpc: '2.0';
  readonly error: { readonly code: number; readonly message: string };
  readonly id: null;
}

/** A refusal as any host can send it: the status, headers, and what is to be sent as JSON. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RpcError;
}

/** When to come back after what passes by itself. Seconds. */
const RETRY_AFTER_S = 5;

/** Codes of JSON-RPC 2.0 §5.1. */
const [PARSE_ERROR, INVALID_REQUEST, INTERNAL] = [-32700, -32600, -32603];

/** JSON-RPC leaves -32000 to -32099 to servers, and MCP reserves what it does not define of them: ours lie outside, one for each status of HTTP. */
const codeOf = (status: number) => -31_000 - status;

const refusal = (reason: RefusalReason, status: number, code: number, message: string, headers: Record<string, string> = {}): Refusal => ({
  reason,
  status,
  headers,
  body: { jsonrpc: '2.0', error: { code, message }, id: null },
});

/** For a request with no target or Host that can be read. */
export const UNREADABLE_TARGET = refusal('target', 400, INVALID_REQUEST, 'The request URL or its Host is not valid.');

export const NOT_FOUND = refusal(
  'path',
  404,
  INVALID_REQUEST,
  'Not found. MCP is served at POST /mcp; health at GET /healthz and GET /readyz.',
);

export const METHOD_NOT_ALLOWED = refusal(
  'method',
  405,
  codeOf(405),
  'Method not allowed: this server has no sessions and no standing streams. Use POST.',
  { allow: 'POST' },
);

export const OVERLOADED = refusal(
  'overload',
  503,
  codeOf(503),
  'Overloaded. Nothing is lost: wait as long as Retry-After says, then send the same request again.',
  { 'retry-after': String(RETRY_AFTER_S) },
);

export const KEYS_UNAVAILABLE = refusal(
  'keys_unavailable',
  503,
  codeOf(503),
  'The access token could not be checked, because the keys of the authorization server cannot be had now. ' +
    'Nothing is lost: wait as long as Retry-After says, then send the same request again.',
  { 'retry-after': String(RETRY_AFTER_S) },
);

export const INTERNAL_ERROR = refusal('defect', 500, INTERNAL, 'Internal error');

const BAD_BODY = 'The request body is not valid JSON, or has a member that is never accepted ("__proto__", "constructor.prototype").';

/** The refusal of a request that a host did not take in, by the status that the host gives it. */
export function refusalOf(status: number): Refusal {
  if (status === 413)
    return refusal('too_large', 413, INVALID_REQUEST, `The request body is too large: at most ${BODY_LIMIT} bytes are read.`);
  if (status === 415) return refusal('content_type', 415, INVALID_REQUEST, 'The request body must be application/json.');
  if (status === 408) return refusal('timeout', 408, INVALID_REQUEST, 'The request took too long to arrive.');
  if (status === 429)
    return refusal('rate', 429, codeOf(429), 'Too many requests. Wait as long as Retry-After says, then send the same request again.');
  return status >= 400 && status < 500 ? refusal('body', status, PARSE_ERROR, BAD_BODY) : INTERNAL_ERROR;
}

/** A refusal as web-standard hosts send it. */
export function refusalResponse({ status, headers, body }: Refusal): Response {
  return Response.json(body, { status, headers });
}
