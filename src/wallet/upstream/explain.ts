/**
 * Explains why a request failed, in the wallet's own words. The texts of caught errors may quote MCP messages, which
 * contain handles.
 */
import { SdkError, SdkHttpError, SseError } from '@modelcontextprotocol/client';

/** The destination of requests, as the explanations describe it. */
export interface Destination {
  /** The URL without its query, which may contain secrets. */
  readonly endpoint: string;
  /** The name of the proxy on the way to the server. */
  readonly proxy?: string | undefined;
  /** Whether the wallet sends an `Authorization` header. */
  readonly isAuthorized?: boolean;
}

/**
 * Says why a request failed, and what the user can do.
 *
 * @param wait how long the server asks to wait, in seconds
 */
export function explain(error: unknown, destination: Destination, wait?: number): string {
  const { endpoint, proxy } = destination;
  const status = statusOf(error);
  if (status !== undefined) return explainStatus(status, destination, wait);
  if (error instanceof SdkError) {
    const type = String((error.data as { contentType?: unknown } | undefined)?.contentType ?? '');
    return type.startsWith('text/html')
      ? `${endpoint} answered with a web page, and not as an MCP server does. Check the path: often it is /mcp.`
      : `${endpoint} answered, but not as an MCP server does.`;
  }
  if (error instanceof SseError) return `${endpoint} cannot be reached: its event stream does not open.`;
  const { code, message } = causeOf(error);
  const [, refusal] = proxy === undefined ? [] : (/^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(message) ?? []);
  if (proxy !== undefined && refusal !== undefined) {
    return refusal === '407'
      ? askedByProxy(endpoint, proxy)
      : `${endpoint} cannot be reached: the proxy ${proxy} refused the connection with status ${refusal}.`;
  }
  const [what, where] = proxy === undefined ? ['', 'there'] : [` through the proxy ${proxy}`, 'at the proxy'];
  if (code === 'ECONNREFUSED') return `${endpoint} cannot be reached${what}: nothing listens ${where}.`;
  const host = proxy === undefined ? 'host' : 'proxy';
  if (code === 'ENOTFOUND') return `${endpoint} cannot be reached${what}: the ${host} does not exist.`;
  if (code === 'EAI_AGAIN') return `${endpoint} cannot be reached${what}: the name of the ${host} cannot be looked up at present.`;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return `${endpoint} sent nothing for 5 minutes, so the wallet stopped waiting. It is unknown whether the call took effect.`;
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')
    return `${endpoint} ended the connection before it answered. It is unknown whether the call took effect.`;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO')
    return `${endpoint} cannot be reached${what}: the server does not use TLS at this URL. Check whether the URL must begin with http:// instead.`;
  // In Node 24, the error of fetch's HTTP parser has no code.
  if (code.startsWith('HPE_') || isOfParser(error)) return `${endpoint} answered, but not in HTTP.`;
  if (isOfCertificate(code))
    return `${endpoint} cannot be reached${what}: its certificate is not trusted here (${code}). To trust another authority, name a file with its certificate in NODE_EXTRA_CA_CERTS.`;
  if (error instanceof Error && error.name === 'TypeError') return `${endpoint} cannot be reached${what}${code === '' ? '' : `: ${code}`}.`;
  return `${endpoint} answered, but not as an MCP server does.`;
}

function isOfParser(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === 'HTTPParserError';
}

function explainStatus(status: number, { endpoint, proxy, isAuthorized = false }: Destination, wait?: number): string {
  if (status === 401 && isAuthorized)
    return `${endpoint} does not accept the Authorization header: the token may have expired, or be for another server. Start the wallet with a new token.`;
  if (status === 401)
    return `${endpoint} requires authorization, which the wallet cannot obtain by itself. Pass a token with --header, or let the wallet start a program that obtains the authorization: waxseal wallet -- COMMAND`;
  if (status === 403)
    return `${endpoint} answered 403: it does not allow this${isAuthorized ? '; the token may lack a scope' : ', or does not serve this host name'}.`;
  if (status === 407 && proxy !== undefined) return askedByProxy(endpoint, proxy);
  if (status >= 300 && status < 400)
    return `${endpoint} redirects to another URL, and the wallet does not follow this redirect. Start the wallet with the other URL. Often the other URL differs only in https:// or in a slash at the end.`;
  if (status === 404 || status === 405)
    return `${endpoint} answered ${status}: there is no MCP server at this URL, or the server has ended the session.`;
  if (status === 429)
    return `${endpoint} answered 429: it got too many requests. ${wait === undefined ? 'Wait a while, then call again.' : `Call again in ${wait} seconds.`}`;
  if ([502, 503, 504].includes(status))
    return `${endpoint} answered ${status}: the server is not available now. Nothing is lost; try again ${wait === undefined ? 'later' : `in ${wait} seconds`}.`;
  return `${endpoint} answered ${status}.`;
}

function askedByProxy(endpoint: string, proxy: string): string {
  return `${endpoint} cannot be reached: the proxy ${proxy} requires a user name and a password. Put them into the variable: http://USER:PASSWORD@HOST:PORT`;
}

/** The HTTP status of a refusal; undefined if the error has none. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof SdkHttpError) return error.status ?? 0;
  if (error instanceof SseError) return error.code;
  // If the response has `WWW-Authenticate`, the SDK throws errors of other classes.
  if ((error as Error).name === 'InsufficientScopeError') return 403;
  if ((error as Error).name === 'UnauthorizedError') return 401;
  // The transport of 2024-11-05 has the status only in its error's message.
  const [, status] = /^Error POSTing to endpoint \(HTTP (\d{3})\)/.exec((error as Error).message) ?? [];
  return status === undefined ? undefined : Number(status);
}

/**
 * Returns the JSON-RPC error in the body of a refusal, if any. This error is the server's response, whatever the HTTP
 * status. Its text may mention the header `Retry-After`, which a model does not see.
 *
 * @param wait the value of this header, in seconds
 */
export function errorIn(error: unknown, wait?: number): { readonly code: number; readonly message: string } | undefined {
  const text = error instanceof SdkHttpError ? error.data['text'] : undefined;
  if (typeof text !== 'string') return undefined;
  try {
    const { error: body } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
    if (!Number.isInteger(body?.code) || typeof body?.message !== 'string') return undefined;
    const read = body as { code: number; message: string };
    return wait === undefined ? read : { ...read, message: `${read.message} Retry-After says ${wait} seconds.` };
  } catch {
    return undefined;
  }
}

function causeOf(error: unknown): { readonly code: string; readonly message: string } {
  let inner = error as { code?: unknown; message?: unknown; cause?: unknown; errors?: readonly unknown[] };
  for (let depth = 0; depth < 5; depth += 1) {
    const next = inner.cause ?? inner.errors?.[0];
    if (typeof next !== 'object' || next === null) break;
    inner = next as typeof inner;
  }
  // For an aborted request, the code is a number.
  return { code: String(inner.code ?? ''), message: String(inner.message ?? '') };
}

function isOfCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
}
