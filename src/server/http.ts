import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { BODY_LIMIT } from './endpoint.ts';
import { readiness } from './health.ts';
import { answerErrors, answerUnreadable } from './http-errors.ts';
import { type McpRouteOptions, mcpRoute } from './http-mcp.ts';
import type { InspectorPage } from './inspect-page.ts';

export type HttpServerOptions = McpRouteOptions & {
  readonly log: FastifyBaseLogger;
  /** Connections at one time; more are refused. */
  readonly maxConnections: number;
  /** Why the ring's file as it is now is not in use; for `/readyz`. */
  ringProblem?(): string | undefined;
  /** Proxies whose X-Forwarded-For is believed: IP addresses or ranges. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Served at `/inspect`. Absent: there is no such page. */
  readonly inspectorPage?: InspectorPage | undefined;
};

/** How long a client may take to send a request. Milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** The server over HTTP, on Fastify. Opens no socket before `listen`. */
export function httpServer({ log, maxConnections, trustProxy, ringProblem, inspectorPage, ...route }: HttpServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    // A line a tool call is written by the tools themselves; the framework's own would repeat URLs and errors of clients.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    trustProxy: trustProxy === undefined ? false : [...trustProxy],
    requestTimeout: REQUEST_TIMEOUT_MS,
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, log),
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      reply.code(400).send({ jsonrpc: '2.0', error: { code: -32600, message: 'The request URL is not valid.' }, id: null });
    },
  });
  app.server.maxConnections = maxConnections;
  answerErrors(app);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const answer = readiness(route.environment.ring(), route.environment.now());
    const warning = ringProblem?.() ?? answer.warning;
    return reply.code(answer.status === 'ready' ? 200 : 503).send({ ...answer, ...(warning !== undefined && { warning }) });
  });
  if (inspectorPage !== undefined) {
    app.get('/inspect', (_request, reply) => reply.headers(inspectorPage.headers).send(inspectorPage.html));
  }
  const { authorization } = route;
  if (authorization !== undefined) {
    const handler = (request: FastifyRequest, reply: FastifyReply) => {
      const document = authorization.discovery(new Request(new URL(request.url, 'http://localhost'), { method: request.method }));
      return document === undefined ? reply.callNotFound() : reply.send(document);
    };
    app.route({ method: ['GET', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'], url: '/.well-known/*', handler });
  }
  app.register(mcpRoute, route);
  return app;
}
