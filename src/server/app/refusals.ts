/** What is answered to requests that no tool sees: JSON-RPC errors in our words, for a framework's may quote the request. */
import { BODY_LIMIT } from './endpoint.ts';

/** An answer that is an error and belongs to no request (JSON-RPC 2.0 §5.1). */
export interface RpcError {
  readonly jsonrpc: '2.0';
  readonly error: { readonly code: number; readonly message: string };
  readonly id: null;
}

/** A refusal as any host can send it: the status, and what is to be sent as JSON. */
export interface Refusal {
  readonly status: number;
  readonly body: RpcError;
}

/** Codes of JSON-RPC 2.0 §5.1; the last is the first of those that are left to servers. */
const [PARSE_ERROR, INVALID_REQUEST, INTERNAL, SERVER_ERROR] = [-32700, -32600, -32603, -32000];

const refusal = (status: number, code: number, message: string): Refusal => ({
  status,
  body: { jsonrpc: '2.0', error: { code, message }, id: null },
});

/** For a request with no target or Host that can be read. */
export const UNREADABLE_TARGET = refusal(400, INVALID_REQUEST, 'The request URL or its Host is not valid.');

export const NOT_FOUND = refusal(404, INVALID_REQUEST, 'Not found. MCP is served at POST /mcp; health at GET /healthz and GET /readyz.');

/** To be sent with `Allow: POST`. */
export const METHOD_NOT_ALLOWED = refusal(
  405,
  SERVER_ERROR,
  'Method not allowed: this server has no sessions and no standing streams. Use POST.',
);

/** To be sent with `Retry-After`. */
export const OVERLOADED = refusal(
  503,
  SERVER_ERROR,
  'Overloaded. Nothing is lost: wait as long as Retry-After says, then send the same request again.',
);

export const INTERNAL_ERROR = refusal(500, INTERNAL, 'Internal error');

const BAD_BODY = 'The request body is not valid JSON, or has a member that is never accepted ("__proto__", "constructor.prototype").';

/** The refusal of a request that a host did not take in, by the status that the host gives it. */
export function refusalOf(status: number): Refusal {
  if (status === 413) return refusal(413, INVALID_REQUEST, `The request body is too large: at most ${BODY_LIMIT} bytes are read.`);
  if (status === 415) return refusal(415, INVALID_REQUEST, 'The request body must be application/json.');
  if (status === 408) return refusal(408, INVALID_REQUEST, 'The request took too long to arrive.');
  if (status === 429)
    return refusal(429, SERVER_ERROR, 'Too many requests. Wait as long as Retry-After says, then send the same request again.');
  return status >= 400 && status < 500 ? refusal(status, PARSE_ERROR, BAD_BODY) : INTERNAL_ERROR;
}
