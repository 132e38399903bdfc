import { setImmediate as nextTurn } from 'node:timers/promises';
import cors from '@fastify/cors';
import { getRequestListener, RequestError } from '@hono/node-server';
import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/fastify';
import { type AuthInfo, validateOriginHeader } from '@modelcontextprotocol/server';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '../../kit/index.ts';
import type { Authorization } from '../app/authorization.ts';
import { mcpEndpoint, type ServerFactory } from '../app/endpoint.ts';
import { INTERNAL_ERROR, METHOD_NOT_ALLOWED, UNREADABLE_TARGET } from '../app/refusals.ts';
import { drainOnClose } from './connections.ts';
import { limitInHand, limitRate } from './limits.ts';

export interface McpRouteOptions {
  /** What is served. */
  readonly server: ServerFactory;
  readonly environment: Environment;
  /** Hostnames in `Host` that are served, without ports. Absent: any. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Hostnames in `Origin` that are served, without ports. */
  readonly allowedOrigins: readonly string[];
  /** Absent: callers are anonymous. */
  readonly authorization?: Authorization | undefined;
  /** Requests a minute, for each caller; 0 for no limit. */
  readonly rateLimit: number;
}

/** `POST /mcp` behind the checks of Host and Origin, and what its other methods are answered. */
export const mcpRoute: FastifyPluginAsync<McpRouteOptions> = async (
  app,
  { server, environment, allowedHosts, allowedOrigins, authorization, rateLimit },
) => {
  // Their messages may quote the request, and so a handle: the log gets their names only.
  const endpoint = mcpEndpoint(server, environment, (error) => app.log.debug({ error: error.name }, 'protocol error'));
  app.addHook('onRequest', async ({ raw }, reply) => {
    // Which of several would be checked, and which would be believed? RFC 9112 §3.2 has them refused.
    if ((raw.headersDistinct['host']?.length ?? 0) > 1) return reply.code(UNREADABLE_TARGET.status).send(UNREADABLE_TARGET.body);
  });
  if (allowedHosts !== undefined) app.addHook('onRequest', hostHeaderValidation([...allowedHosts]));
  app.addHook('onRequest', originValidation([...allowedOrigins]));
  // Web pages that may call must also be allowed to read the answer.
  await app.register(cors, {
    methods: ['POST'],
    exposedHeaders: ['WWW-Authenticate', 'Retry-After'],
    origin: async (origin: string | undefined) => validateOriginHeader(origin, [...allowedOrigins]).ok,
  });
  const leaveHand = limitInHand(app);
  const markAnswered = drainOnClose(app, () => endpoint.close());

  // A request is judged first, then counted, and only then refused: so that refused requests count, too.
  const verdicts = new WeakMap<FastifyRequest, AuthInfo | Response>();
  const callerOf = (request: FastifyRequest) => {
    const verdict = verdicts.get(request);
    return verdict !== undefined && isCaller(verdict) ? verdict : undefined;
  };
  if (authorization !== undefined) {
    app.addHook('onRequest', async (request, reply) => {
      verdicts.set(request, await authorization.judge(webRequest(request, gone(reply))));
    });
  }
  await limitRate(app, { perMinute: rateLimit, callerOf: (request) => callerOf(request)?.extra });
  if (authorization !== undefined) {
    app.addHook('onRequest', async (request, reply) => {
      const verdict = verdicts.get(request);
      if (verdict === undefined) throw new TypeError('a request was not judged');
      if (!isCaller(verdict)) return reply.send(verdict);
    });
  }

  const arrived = new WeakMap<object, { request: FastifyRequest; reply: FastifyReply }>();
  const answer: Parameters<typeof getRequestListener>[0] = async (asked, { incoming }) => {
    const { request, reply } = arrived.get(incoming) ?? unknownRequest();
    // Requests that arrived in one turn of the event loop are all in hand before work on any of them begins: otherwise an overload would not be seen.
    await nextTurn();
    const authInfo = callerOf(request);
    const answered = await endpoint.fetch(asked, { parsedBody: request.body, ...(authInfo && { authInfo }) });
    // How long a connection lives is between this server and its client, and not for the protocol layer to say.
    answered.headers.delete('connection');
    leaveHand(reply.raw);
    markAnswered(reply.raw);
    return answered;
  };
  // The listener makes a cheaper `Request` than the platform's, and writes an answer in one piece; the framework would read a stream.
  // A request of HTTP/1.0 may come without a host name.
  const listener = getRequestListener(answer, { errorHandler, hostname: 'localhost', overrideGlobalObjects: false });
  app.post('/mcp', (request, reply) => {
    arrived.set(request.raw, { request, reply });
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    return listener(request.raw, reply.raw);
  });

  app.route({
    method: ['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH'],
    url: '/mcp',
    handler: (_request, reply) => reply.code(METHOD_NOT_ALLOWED.status).header('allow', 'POST').send(METHOD_NOT_ALLOWED.body),
  });
};

function unknownRequest(): never {
  throw new TypeError('a request did not come through the hooks');
}

/** Whether a verdict names a caller; otherwise the verdict is the answer that refuses, whichever class of `Response` it has. */
function isCaller(verdict: AuthInfo | Response): verdict is AuthInfo {
  return 'token' in verdict;
}

/** Says of a request that cannot be read that it cannot; of anything else that goes wrong, nothing. */
function errorHandler(error: unknown): Response {
  const { status, body } = error instanceof RequestError ? UNREADABLE_TARGET : INTERNAL_ERROR;
  return Response.json(body, { status });
}

/** The request as authorization takes it: its headers, and whether the client is still there. */
function webRequest(request: FastifyRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
  return new Request(new URL(request.url, 'http://localhost'), { method: request.method, headers, signal });
}

/** Aborted when the client is gone before its answer: to MCP that cancels the request (2026-07-28, basic/transports/streamable-http). */
function gone({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
