import { setImmediate as nextTurn } from 'node:timers/promises';
import cors from '@fastify/cors';
import { getRequestListener, RequestError } from '@hono/node-server';
import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/fastify';
import { type AuthInfo, validateOriginHeader } from '@modelcontextprotocol/server';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '../../kit/index.ts';
import type { Authorization } from '../app/authorization.ts';
import { mcpEndpoint } from '../app/endpoint.ts';
import type { ServerFactory } from '../app/factory.ts';
import { drainOnClose } from './drain.ts';
import { rpcError, UNREADABLE_TARGET } from './http-errors.ts';
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
    if ((raw.headersDistinct['host']?.length ?? 0) > 1) return reply.code(400).send(UNREADABLE_TARGET);
  });
  if (allowedHosts !== undefined) app.addHook('onRequest', hostHeaderValidation([...allowedHosts]));
  app.addHook('onRequest', originValidation([...allowedOrigins]));
  // Web pages that may call must also be allowed to read the answer.
  await app.register(cors, {
    methods: ['POST'],
    exposedHeaders: ['WWW-Authenticate', 'Retry-After'],
    origin: async (origin: string | undefined) => validateOriginHeader(origin, [...allowedOrigins]).ok,
  });
  const begins = [limitInHand(app), drainOnClose(app, () => endpoint.close())];

  // First it is found out who calls, then the call is counted, and only then is anybody refused: so that what is
  // refused counts too.
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
  await limitRate(app, { perMinute: rateLimit, nameOf: (request) => callerOf(request)?.extra });
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
    // All that arrived in this turn of the event loop is in hand before work on any of it begins: so too much is seen.
    await nextTurn();
    const authInfo = callerOf(request);
    const answered = await endpoint.fetch(asked, { parsedBody: request.body, ...(authInfo && { authInfo }) });
    // How long a connection lives is between this server and its client, and not for the protocol layer to say.
    answered.headers.delete('connection');
    for (const begin of begins) begin(reply.raw);
    return answered;
  };
  // The listener writes an answer in one piece; the framework would read a stream. A request of HTTP/1.0 may come without a host name.
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
    handler: (_request, reply) => {
      const message = 'Method not allowed: this server has no sessions and no standing streams. Use POST.';
      return reply.code(405).header('allow', 'POST').send(rpcError(-32000, message));
    },
  });
};

function unknownRequest(): never {
  throw new TypeError('a request did not come through the hooks');
}

/** Whether it is somebody; anything else is an answer that refuses, whichever class of `Response` that has. */
function isCaller(verdict: AuthInfo | Response): verdict is AuthInfo {
  return 'token' in verdict;
}

/** Of a request that cannot be read it is told that; of anything else that goes wrong, nothing. */
function errorHandler(error: unknown): Response {
  if (error instanceof RequestError) return Response.json(UNREADABLE_TARGET, { status: 400 });
  return Response.json(rpcError(-32603, 'Internal error'), { status: 500 });
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
