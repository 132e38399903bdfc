/**
 * The server's own responses to requests that it refuses before they reach a tool. Their texts are fixed, because the
 * texts of a framework may quote the request. Refusals of access tokens are made in `authorization/`, and the SDK makes
 * the protocol errors of MCP, which may quote the request to its sender.
 */
import type { TokenReason } from './authorization/claims.ts';

/** The largest request body that the server reads: 1 MiB, in bytes. */
export const BODY_LIMIT = 1_048_576;

/** The largest headers that a Node server reads: 16 KiB, in bytes. */
export const HEADER_LIMIT = 16_384;

/** Why a request was refused before it reached a tool. The log gets only this word and the status. */
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
  | 'headers'
  | 'body'
  | 'timeout'
  | 'rate'
  | 'overload'
  | 'stopping'
  | 'ring_unavailable'
  | 'protocol'
  | 'defect';

/** A JSON-RPC error response without the id of a request (JSON-RPC 2.0 §5.1). */
export interface RpcError {
  readonly jsonrpc: '2.0';
  readonly error: { readonly code: number; readonly message: string };
  readonly id: null;
}

/** A refusal: what to send, and the reason for the log. */
export interface Refusal {
  readonly reason: RefusalReason;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RpcError;
}

/** The value of `Retry-After`, in seconds. */
const RETRY_AFTER_S = 5;

/** JSON-RPC 2.0 §5.1. */
const [PARSE_ERROR, INVALID_REQUEST, INTERNAL] = [-32700, -32600, -32603];

/** This server's own error codes. MCP reserves the range from -32000 to -32099. */
const codeOf = (status: number) => -31_000 - status;

const refusal = (reason: RefusalReason, status: number, code: number, message: string, headers: Record<string, string> = {}): Refusal => ({
  reason,
  status,
  headers,
  body: { jsonrpc: '2.0', error: { code, message }, id: null },
});

export const UNREADABLE_TARGET = refusal('target', 400, INVALID_REQUEST, 'The request URL or its Host is not valid.');

export const HEADERS_TOO_LARGE = refusal(
  'headers',
  431,
  INVALID_REQUEST,
  `The request headers are too large: at most ${HEADER_LIMIT} bytes are read.`,
);

/** @param path the path of the MCP endpoint */
export const notFound = (path: string) =>
  refusal('path', 404, INVALID_REQUEST, `Not found. MCP is served at POST ${path}; health at GET /healthz and GET /readyz.`);

export const NOT_FOUND = notFound('/mcp');

/** Refuses calls without a verified caller, if the program does not say which callers it serves. */
export const NOBODY_CALLS = refusal(
  'token_missing',
  401,
  codeOf(401),
  'The caller is unknown. The program that serves this endpoint must set authorization, pass a caller that it has verified, or set allowAnonymous: true.',
  { 'www-authenticate': 'Bearer' },
);

/** Asks the client to come again. */
const unavailable = (reason: RefusalReason, why: string) =>
  refusal(reason, 503, codeOf(503), `${why} Nothing is lost: wait as long as Retry-After says, then send the same request again.`, {
    'retry-after': String(RETRY_AFTER_S),
  });

export const RING_UNAVAILABLE = unavailable('ring_unavailable', 'This server has no usable key ring now.');

/** The message names the setting, but does not quote the `Host`. */
export const HOST_REFUSED = refusal(
  'host',
  403,
  codeOf(403),
  'This Host is not served here. If clients reach this server by that name, add it to --allowed-hosts (WAXSEAL_ALLOWED_HOSTS, or allowedHosts in a program).',
);

export const ORIGIN_REFUSED = refusal(
  'origin',
  403,
  codeOf(403),
  'This Origin is not served here. If web pages of this origin may call, add its hostname to --allowed-origins (WAXSEAL_ALLOWED_ORIGINS, or allowedOrigins in a program).',
);

export const FORWARDED_REFUSED = refusal(
  'forwarded',
  403,
  codeOf(403),
  'A tunnel or a proxy forwarded this request, but this server serves only its own machine, because it does not authorize callers. ' +
    'To serve others, start it with --auth-issuer and --auth-audience (WAXSEAL_AUTH_ISSUER, WAXSEAL_AUTH_AUDIENCE), or with --allow-anonymous (WAXSEAL_ALLOW_ANONYMOUS=true).',
);

export const NOT_ACCEPTABLE = refusal(
  'accept',
  406,
  codeOf(406),
  'The response can be application/json or text/event-stream, but Accept allows neither. A subscription needs text/event-stream.',
);

export const WRONG_CONTENT_TYPE = refusal('content_type', 415, INVALID_REQUEST, 'The request body must be application/json.');

export const UNREADABLE_ENCODING = refusal(
  'encoding',
  415,
  INVALID_REQUEST,
  'This server does not read compressed or otherwise encoded request bodies. Send application/json as it is, without Content-Encoding.',
  { 'accept-encoding': 'identity' },
);

export const UNREADABLE_CHARSET = refusal(
  'charset',
  415,
  INVALID_REQUEST,
  'This server reads request bodies only in UTF-8. Send application/json in UTF-8.',
);

export const METHOD_NOT_ALLOWED = refusal(
  'method',
  405,
  codeOf(405),
  'Method not allowed: this server has no sessions and no GET streams. Use POST.',
  { allow: 'POST' },
);

export const PROBE_METHOD = refusal('method', 405, codeOf(405), 'Method not allowed: use GET.', { allow: 'GET, HEAD' });

export const OVERLOADED = unavailable('overload', 'Overloaded.');

export const CLOSED = unavailable('stopping', 'This server is stopping.');

export const KEYS_UNAVAILABLE = unavailable(
  'keys_unavailable',
  'The server cannot get the keys or the metadata of its authorization server now, and needs them to check an access token.',
);

export const INTERNAL_ERROR = refusal('defect', 500, INTERNAL, 'Internal error');

/** A framework read the body before it called the handler. */
export const BODY_TAKEN = refusal(
  'defect',
  500,
  INTERNAL,
  'The request body was read before it reached this handler. The program that serves this endpoint must put the handler before its body parser, ' +
    'or pass on the parsed body: on Node as request.body or as the third argument, elsewhere in a new Request.',
);

const badBody = (problem: string, status = 400) => refusal('body', status, PARSE_ERROR, `The request body ${problem}.`);

export const EMPTY_BODY = badBody('is empty');

export const NOT_UTF8 = badBody('is not valid UTF-8');

export const NOT_JSON = badBody('is not valid JSON');

export const UNSAFE_MEMBER = badBody('has a member that is never accepted: "__proto__" or "constructor.prototype"');

/** Returns the refusal for an HTTP status, such as the status of a framework's error. */
export function refusalOf(status: number): Refusal {
  if (status === 413)
    return refusal('too_large', 413, INVALID_REQUEST, `The request body is too large: at most ${BODY_LIMIT} bytes are read.`);
  if (status === 415) return WRONG_CONTENT_TYPE;
  if (status === 408) return refusal('timeout', 408, INVALID_REQUEST, 'The request took too long to arrive.');
  if (status === 429)
    return refusal('rate', 429, codeOf(429), 'Too many requests. Wait as long as Retry-After says, then send the same request again.');
  return status >= 400 && status < 500 ? badBody('could not be read', status) : INTERNAL_ERROR;
}

/** Returns the reason for an error response of the SDK. The SDK sends 403 only for a missing scope. */
export function reasonOfAnswer(status: number): RefusalReason {
  return status === 403 ? 'scope' : 'protocol';
}

export function refusalResponse({ status, headers, body }: Refusal): Response {
  return Response.json(body, { status, headers });
}
