/** What went wrong with a request, in words of our own: what servers and libraries say may quote messages. */
import { SdkError, SdkHttpError, SseError } from '@modelcontextprotocol/client';

/** Where requests go, for people: without what a URL may hold of secrets. */
export interface Destination {
  readonly endpoint: string;
  /** The proxy on the way. */
  readonly proxy?: string | undefined;
  /** Whether the wallet was given a header that says who calls. */
  readonly isAuthorized?: boolean;
}

/** What happened, and what to do about it. */
export function explain(error: unknown, destination: Destination): string {
  const { endpoint, proxy } = destination;
  const status = statusOf(error);
  if (status !== undefined) return explainStatus(status, destination);
  if (error instanceof SdkError) {
    const type = String((error.data as { contentType?: unknown } | undefined)?.contentType ?? '');
    return type.startsWith('text/html')
      ? `${endpoint} answered with a web page, and not as an MCP server does. Is the path right? Often it is /mcp.`
      : `${endpoint} answered, but not as an MCP server does.`;
  }
  if (error instanceof SseError) return `${endpoint} cannot be reached: the stream that it answers on does not open.`;
  const { code, message } = causeOf(error);
  const [, refusal] = proxy === undefined ? [] : (/^Proxy (?:response|Authentication Required) \((\d{3})\)/.exec(message) ?? []);
  if (proxy !== undefined && refusal !== undefined) {
    return refusal === '407'
      ? askedByProxy(endpoint, proxy)
      : `${endpoint} cannot be reached: the proxy ${proxy} does not let the wallet through; it answered ${refusal}.`;
  }
  const [what, where] = proxy === undefined ? ['', 'there'] : [` through the proxy ${proxy}`, 'at the proxy'];
  if (code === 'ECONNREFUSED') return `${endpoint} cannot be reached${what}: nothing listens ${where}.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `${endpoint} cannot be reached${what}: there is no such ${proxy === undefined ? 'host' : 'proxy'}.`;
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return `${endpoint} said nothing for 5 minutes; the wallet waits no longer. Whether the call took effect is not known.`;
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET')
    return `${endpoint} ended the connection before it had answered. Whether the call took effect is not known.`;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO')
    return `${endpoint} cannot be reached${what}: it does not speak TLS there. Does its URL begin with http:// instead?`;
  // Node 24's fetch gives its parser's error no code.
  if (code.startsWith('HPE_') || isOfParser(error)) return `${endpoint} answered, but not in HTTP.`;
  if (isOfCertificate(code))
    return `${endpoint} cannot be reached${what}: its certificate is not trusted here (${code}). NODE_EXTRA_CA_CERTS names a file of further authorities.`;
  if (error instanceof Error && error.name === 'TypeError') return `${endpoint} cannot be reached${what}${code === '' ? '' : `: ${code}`}.`;
  return `${endpoint} answered, but not as an MCP server does.`;
}

function isOfParser(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === 'HTTPParserError';
}

function explainStatus(status: number, { endpoint, proxy, isAuthorized = false }: Destination): string {
  if (status === 401 && isAuthorized)
    return `${endpoint} does not take the authorization that it was given: the token may have expired, or be for another server. Start the wallet with a new one.`;
  if (status === 401)
    return `${endpoint} asks for authorization, which the wallet cannot give by itself: name a header (--header), or put a bridge that can behind it (waxseal wallet -- COMMAND).`;
  if (status === 403)
    return `${endpoint} answered 403: it does not allow this${isAuthorized ? '; the token may lack a scope' : ', or does not serve this host name'}.`;
  if (status === 407 && proxy !== undefined) return askedByProxy(endpoint, proxy);
  if (status >= 300 && status < 400)
    return `${endpoint} redirects elsewhere, which is not followed: name the URL that it redirects to. Often that is the same with https://, or with a slash at its end.`;
  if (status === 404 || status === 405) return `${endpoint} answered ${status}: there is no MCP server there, or it has ended the session.`;
  if (status === 429) return `${endpoint} answered 429: it was asked too often. Wait a while, then call again.`;
  if ([502, 503, 504].includes(status))
    return `${endpoint} answered ${status}: the server is not there now. Nothing is lost; try again later.`;
  return `${endpoint} answered ${status}.`;
}

function askedByProxy(endpoint: string, proxy: string): string {
  return `${endpoint} cannot be reached: the proxy ${proxy} asks who calls. Name a user and a password in the variable: http://USER:PASSWORD@HOST:PORT`;
}

/** The status that the server refused with. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof SdkHttpError) return error.status ?? 0;
  if (error instanceof SseError) return error.code;
  // Where the server challenges, the SDK throws errors of its own.
  if ((error as Error).name === 'InsufficientScopeError') return 403;
  if ((error as Error).name === 'UnauthorizedError') return 401;
  // The transport of 2024-11-05 says it in words alone.
  const [, status] = /^Error POSTing to endpoint \(HTTP (\d{3})\)/.exec((error as Error).message) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** The JSON-RPC error in the body of a refusal: that is the server's answer, whatever the status. */
export function errorIn(error: unknown): { readonly code: number; readonly message: string } | undefined {
  const text = error instanceof SdkHttpError ? error.data['text'] : undefined;
  if (typeof text !== 'string') return undefined;
  try {
    const { error: body } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
    return Number.isInteger(body?.code) && typeof body?.message === 'string' ? (body as { code: number; message: string }) : undefined;
  } catch {
    return undefined;
  }
}

/** What lies at the bottom of a failed `fetch`. */
function causeOf(error: unknown): { readonly code: string; readonly message: string } {
  let inner = error as { code?: unknown; message?: unknown; cause?: unknown; errors?: readonly unknown[] };
  for (let depth = 0; depth < 5; depth += 1) {
    const next = inner.cause ?? inner.errors?.[0];
    if (typeof next !== 'object' || next === null) break;
    inner = next as typeof inner;
  }
  // An aborted request has a number there.
  return { code: String(inner.code ?? ''), message: String(inner.message ?? '') };
}

function isOfCertificate(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code);
}
