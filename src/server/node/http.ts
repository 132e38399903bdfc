import type { Socket } from 'node:net';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { BODY_LIMIT } from '../app/endpoint.ts';
import { ALIVE, readinessAnswer } from '../app/health.ts';
import { NOT_FOUND, refusalOf, UNREADABLE_TARGET } from '../app/refusals.ts';
import { endAnswersWithConnections } from './connections.ts';
import type { InspectorPage } from './inspect-page.ts';
import { type McpRouteOptions, mcpRoute } from './mcp-route.ts';

export type HttpServerOptions = McpRouteOptions & {
  readonly log: FastifyBaseLogger;
  /** Connections at one time; more are refused. */
  readonly maxConnections: number;
  /** Whether the ring's file as it is now is not in use, for `/readyz`. */
  isRingOutdated?(): boolean;
  /** Proxies whose X-Forwarded-For is believed: IP addresses or ranges. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Served at `/inspect`. Absent: there is no such page. */
  readonly inspectorPage?: InspectorPage | undefined;
};

/** How long a client may take to send a request: it has a place among those in hand from its headers on. Milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000;

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
      reply.code(UNREADABLE_TARGET.status).send(UNREADABLE_TARGET.body);
    },
  });
  const isAnswering = endAnswersWithConnections(app.server);
  app.server.maxConnections = maxConnections;
  answerErrors(app);
  app.get('/healthz', () => ALIVE);
  app.get('/readyz', (_request, reply) => {
    const { status, body } = readinessAnswer(route.environment.ring(), route.environment.now(), isRingOutdated?.());
    return reply.code(status).send(body);
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

/** Answers requests that no handler sees. */
function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const { status, body } = refusalOf(error.statusCode ?? 500);
    if (status === 500) app.log.error({ error: error.name, code: error.code }, 'request failed');
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(NOT_FOUND.status).send(NOT_FOUND.body));
}

/**
 * Answers what is not HTTP, or came too slowly. The error carries the bytes that were read, so the log gets its code alone.
 *
 * @param isAnswering whether another answer is under way on the connection, in whose middle this one would stand
 */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket, log: FastifyBaseLogger, isAnswering: boolean): void {
  log.debug({ code: error.code }, 'unreadable request');
  const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
  if (socket.writable && !isAnswering) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}
