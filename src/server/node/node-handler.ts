/** A fetch handler behind Node's own HTTP server, and behind frameworks that stand on it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { FetchHandler, VerifiedCaller } from '../app/fetch.ts';
import { INTERNAL_ERROR, refusalResponse, UNREADABLE_TARGET } from '../app/refusals.ts';

/**
 * Answers one request of Node's.
 *
 * @param parsedBody what a framework made of the body, where it keeps that elsewhere than in `request.body`. The
 *   function that Express gives here is not called: the handler answers every request.
 */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, parsedBody?: unknown) => Promise<void>;

/** What frameworks add to a request. */
interface Mounted {
  /** What a body parser made of the body. */
  readonly body?: unknown;
  /** The target as it was sent, where `url` is what a router left of it. */
  readonly originalUrl?: string;
}

/**
 * Makes a listener for `createServer`, for `app.all('/mcp', …)` and `app.use('/api', …)` of Express and Connect, and for
 * hijacked replies of Fastify: `reply.hijack(); return listener(request.raw, reply.raw, request.body)`.
 *
 * A body that a framework has parsed already is taken from `request.body`. The handler is at its `path` below the place
 * where it is mounted; a handler that is mounted at one path, with nothing below, is there.
 *
 * @param given what the handler is given beside a request: the environment that `keys` reads, or a caller who was
 *   verified. Default: `process.env`.
 */
export function toNodeHandler<Env = unknown>(
  handler: FetchHandler<Env>,
  given: (request: IncomingMessage) => Env | VerifiedCaller = () => process.env as Env,
): NodeHandler {
  const parsed = new WeakMap<object, unknown>();
  const listener = getRequestListener(
    async (request, { incoming }) => {
      const message = incoming as IncomingMessage & Mounted;
      const body = parsed.get(message);
      return handler.fetch(await asked(request, message, handler.path, body === undefined ? message.body : body), given(message));
    },
    {
      errorHandler: (error) => refusalResponse(error instanceof RequestError ? UNREADABLE_TARGET : INTERNAL_ERROR),
      // For a request of HTTP/1.0, which may come without a host name.
      hostname: 'localhost',
      overrideGlobalObjects: false,
    },
  );
  return (request, response, parsedBody) => {
    if (typeof parsedBody !== 'function') parsed.set(request, parsedBody);
    return listener(request, response);
  };
}

/** The request as the handler is to see it: at its own path, and with its body whole. */
async function asked(request: Request, message: IncomingMessage & Mounted, path: string, body: unknown): Promise<Request> {
  const url = new URL(request.url);
  const target = targetOf(url, message, path);
  const { method, headers, signal } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  if (hasBody && message.readableDidRead) return withBody(target, { method, headers: new Headers(headers), signal }, body);
  if (target === url) return request;
  return new Request(target, { method, headers, signal, ...(hasBody && { body: request.body, duplex: 'half' }) } as RequestInit);
}

/** Where the request goes: routers cut off what they have matched, which may be all of it. */
function targetOf(url: URL, { originalUrl }: Mounted, path: string): URL {
  if (originalUrl === undefined) return url;
  const original = new URL(originalUrl, url);
  if (original.pathname === url.pathname) return url;
  if (original.pathname.startsWith('/.well-known/')) return original;
  return url.pathname === '/' ? new URL(path, url) : url;
}

/** A request that somebody has read already, made anew of what is left. */
async function withBody(target: URL, init: { method: string; headers: Headers; signal: AbortSignal }, body: unknown): Promise<Request> {
  // They told of the bytes that came, and not of what a parser made of them.
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) init.headers.delete(name);
  if (body === undefined) {
    // The handler's own rules are to answer, and the last of them says that the body is gone.
    const taken = new Request(target, { ...init, body: '' });
    await taken.text();
    return taken;
  }
  if (typeof body === 'string' || body instanceof Uint8Array) return new Request(target, { ...init, body: body as BodyInit });
  const [type = ''] = (init.headers.get('content-type') ?? '').split(';');
  init.headers.set('content-type', type);
  return new Request(target, { ...init, body: JSON.stringify(body) });
}
