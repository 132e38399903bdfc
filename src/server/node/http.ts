import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { BODY_LIMIT } from '../app/endpoint.ts';
import { readiness } from '../app/health.ts';
import { endAnswersWithConnections } from './connections.ts';
import { answerErrors, answerUnreadable, UNREADABLE_TARGET } from './http-errors.ts';
import type { InspectorPage } from './inspect-page.ts';
import { type McpRouteOptions, mcpRoute } from './mcp-route.ts';

export type HttpServerOptions = McpRouteOptions & {
  readonly log: FastifyBaseLogger;
  /** Connections at one time; more are refused. */
  readonly maxConnections: number;
  /** Whether the ring's file as it is now is not in use, for `/readyz`. Why is not for everyone. */
  isRingOutdated?(): boolean;
  /** Proxies whose X-Forwarded-For is believed: IP addresses or ranges. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Served at `/inspect`. Absent: there is no such page. */
  readonly inspectorPage?: InspectorPage | undefined;
};

/** How long a client may take to send a request: it has a place among those in hand from its headers on. Milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000;

const RING_OUTDATED = 'The key ring has changed and cannot be used as it is; the one before it is in use. The log says what is wrong.';

/** The server over HTTP, on Fastify. Opens no socket before `listen`. */
export function httpServer({
  log,
  maxConnections,
  trustProxy,
  isRingOutdated,
  inspectorPage,
  ...route
}: HttpServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    // A line a tool call is written by the tools themselves; the framework's own would repeat URLs and errors of clients.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    trustProxy: trustProxy === undefined ? false : [...trustProxy],
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node would look every 30 seconds, and give headers alone a minute.
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1_000 },
    // A stop has its own limits, and longer ones than the framework gives it.
    pluginTimeout: 0,
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, log, isAnswering(socket)),
    frameworkErrors: (_error, _request, reply: FastifyReply) => {
      reply.code(400).send(UNREADABLE_TARGET);
    },
  });
  const isAnswering = endAnswersWithConnections(app.server);
  app.server.maxConnections = maxConnections;
  answerErrors(app);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const answer = readiness(route.environment.ring(), route.environment.now());
    const warning = isRingOutdated?.() ? RING_OUTDATED : answer.warning;
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
