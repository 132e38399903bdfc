/** Runs a fetch handler on Node's HTTP server, and in frameworks that use it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { FetchHandler, VerifiedCaller } from '../app/fetch.ts';
import { INTERNAL_ERROR, refusalResponse, UNREADABLE_TARGET } from '../app/refusals.ts';
import { pathOf, plainPath } from '../app/request/path.ts';

/**
 * Answers one request.
 *
 * @param parsedBody the parsed body, if it is not in `request.body`. Express passes its function `next` here, which the
 *   handler ignores.
 */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse, parsedBody?: unknown) => Promise<void>;

/** What frameworks add to a request. */
interface Mounted {
  /** The parsed body. */
  readonly body?: unknown;
  /** The whole request target. Routers cut off the part of `url` that they have matched. */
  readonly originalUrl?: string;
}

/**
 * Makes a listener from a fetch handler. You can use the listener in three ways:
 *
 * - with Node's `createServer(listener)`
 * - with Express and Connect: `app.all('/mcp', listener)` or `app.use('/api', listener)`
 * - with Fastify: `reply.hijack(); return listener(request.raw, reply.raw, request.body)`
 *
 * If a framework has parsed the body, the listener takes it from `request.body`. The place of the listener decides
 * where MCP is served:
 *
 * - under a prefix, such as `app.use('/api', …)`: at the handler's own `path`, and at this path below the prefix
 * - at one exact path, such as `app.all('/mcp', …)`: at this path, which must also be the handler's `path`
 *
 * @param given makes the second argument of `handler.fetch`: the environment for the function `keys`, or a caller whom
 *   the host has verified. Default: `process.env`.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { researchTools } from 'waxseal/research';
 * import { createFetchHandler, toNodeHandler } from 'waxseal/server';
 *
 * const handler = createFetchHandler({
 *   tools: researchTools,
 *   identity: { name: 'research', version: '1.0.0' },
 *   keys: (env: NodeJS.ProcessEnv) => env['WAXSEAL_KEYS'] ?? '',
 *   allowAnonymous: true,
 * });
 * createServer(toNodeHandler(handler)).listen(8080);
 * ```
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
      // For HTTP/1.0, in which a request needs no `Host`.
      hostname: 'localhost',
      overrideGlobalObjects: false,
    },
  );
  return (request, response, parsedBody) => {
    if (typeof parsedBody !== 'function') parsed.set(request, parsedBody);
    return listener(request, response);
  };
}

/** Makes a request with the handler's own path, and with an unread body. */
async function asked(request: Request, message: IncomingMessage & Mounted, path: string, body: unknown): Promise<Request> {
  const url = new URL(request.url);
  const target = targetOf(url, message, path);
  const { method, headers, signal } = request;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  if (hasBody && message.readableDidRead) return withBody(target, { method, headers: new Headers(headers), signal }, body);
  if (target === url) return request;
  return new Request(target, { method, headers, signal, ...(hasBody && { body: request.body, duplex: 'half' }) } as RequestInit);
}

/**
 * Finds the URL for the fetch handler. A router may have cut off a prefix of the path, or the whole path. Then the
 * handler would not find its own path in `url`.
 */
function targetOf(url: URL, { originalUrl }: Mounted, path: string): URL {
  if (originalUrl === undefined) return url;
  const original = new URL(`${url.origin}${pathOf(originalUrl)}`);
  if (original.pathname === url.pathname) return url;
  if (original.pathname.startsWith('/.well-known/') || plainPath(original.pathname) === path) return original;
  return url.pathname === '/' ? new URL(path, url) : url;
}

/** Replaces a request whose body a framework has read. */
async function withBody(target: URL, init: { method: string; headers: Headers; signal: AbortSignal }, body: unknown): Promise<Request> {
  // These headers describe the bytes that arrived, not the parsed body.
  for (const name of ['content-length', 'content-encoding', 'transfer-encoding']) init.headers.delete(name);
  if (body === undefined) {
    // The framework did not keep the body. The handler checks the rest of the request, and then refuses it with
    // `BODY_TAKEN`.
    const taken = new Request(target, { ...init, body: '' });
    await taken.text();
    return taken;
  }
  if (typeof body === 'string' || body instanceof Uint8Array) return new Request(target, { ...init, body: body as BodyInit });
  const [type = ''] = (init.headers.get('content-type') ?? '').split(';');
  init.headers.set('content-type', type);
  return new Request(target, { ...init, body: JSON.stringify(body) });
}
