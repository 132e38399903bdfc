/** What is answered to requests that no tool sees: JSON-RPC errors in our words, for a framework's may quote the request. */
import type { TokenReason } from './authorization/access-token.ts';

/** Largest request body that is read. Bytes (1 MiB). */
export const BODY_LIMIT = 1_048_576;

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
  | 'ring_unavailable'
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

/** @param path where MCP is */
export const notFound = (path: string) =>
  refusal('path', 404, INVALID_REQUEST, `Not found. MCP is served at POST ${path}; health at GET /healthz and GET /readyz.`);

export const NOT_FOUND = notFound('/mcp');

/** For a host that nobody told who may call. */
export const NOBODY_CALLS = refusal(
  'token_missing',
  401,
  codeOf(401),
  'Nobody said who calls. The program that serves this says so with authorization, with a caller that it has verified, or with allowAnonymous: true.',
  { 'www-authenticate': 'Bearer' },
);

export const RING_UNAVAILABLE = refusal(
  'ring_unavailable',
  503,
  codeOf(503),
  'This server has no key ring that it can use now. Nothing is lost: wait as long as Retry-After says, then send the same request again.',
  { 'retry-after': String(RETRY_AFTER_S) },
);

/** For a name that is not served, in words that say where names are set; the name itself is not repeated. */
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
  'This Origin is not served here. If web pages from there may call, add its hostname to --allowed-origins (WAXSEAL_ALLOWED_ORIGINS, or allowedOrigins in a program).',
);

export const FORWARDED_REFUSED = refusal(
  'forwarded',
  403,
  codeOf(403),
  'This request was forwarded (a tunnel, or a proxy), and this server is for its own machine alone: it serves anyone without asking who calls. ' +
    'If others are to reach it, start it with --auth-issuer and --auth-audience, or with --allow-anonymous.',
);

export const NOT_ACCEPTABLE = refusal(
  'accept',
  406,
  codeOf(406),
  'The answer is application/json or text/event-stream, and Accept takes neither, or asks for a subscription and takes no text/event-stream.',
);

export const WRONG_CONTENT_TYPE = refusal('content_type', 415, INVALID_REQUEST, 'The request body must be application/json.');

export const UNREADABLE_ENCODING = refusal(
  'encoding',
  415,
  INVALID_REQUEST,
  'The request body is compressed or otherwise encoded, and is not read: send application/json as it is, without Content-Encoding.',
  { 'accept-encoding': 'identity' },
);

export const UNREADABLE_CHARSET = refusal(
  'charset',
  415,
  INVALID_REQUEST,
  'The request body is in another charset than UTF-8, and is not read: send application/json in UTF-8.',
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

/** For a host that has read the body itself. */
export const BODY_TAKEN = refusal(
  'defect',
  500,
  INTERNAL,
  'The request body was read before it came to this handler, and nothing of it was left. The program that serves this puts the handler before ' +
    'its body parser, or hands on what the parser made of the body: on Node as request.body or as the third argument, elsewhere as a new Request.',
);

const BAD_BODY = 'The request body is not valid JSON, or has a member that is never accepted ("__proto__", "constructor.prototype").';

/** The refusal of a request that a host did not take in, by the status that the host gives it. */
export function refusalOf(status: number): Refusal {
  if (status === 413)
    return refusal('too_large', 413, INVALID_REQUEST, `The request body is too large: at most ${BODY_LIMIT} bytes are read.`);
  if (status === 415) return WRONG_CONTENT_TYPE;
  if (status === 408) return refusal('timeout', 408, INVALID_REQUEST, 'The request took too long to arrive.');
  if (status === 429)
    return refusal('rate', 429, codeOf(429), 'Too many requests. Wait as long as Retry-After says, then send the same request again.');
  return status >= 400 && status < 500 ? refusal('body', status, PARSE_ERROR, BAD_BODY) : INTERNAL_ERROR;
}

/** Why the protocol layer refused a request. Its only 403 challenges for the scopes of a tool. */
export function reasonOfAnswer(status: number): RefusalReason {
  return status === 403 ? 'scope' : 'protocol';
}

/** A refusal as web-standard hosts send it. */
export function refusalResponse({ status, headers, body }: Refusal): Response {
  return Response.json(body, { status, headers });
}
