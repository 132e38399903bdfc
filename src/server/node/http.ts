import type { Socket } from 'node:net';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { optionsHeaders } from '../app/cors.ts';
import { ALIVE, readinessAnswer, STOPPING } from '../app/health.ts';
import { isServedHost, isServedProbe, type Names } from '../app/names.ts';
import { BODY_LIMIT, HOST_REFUSED, NOT_FOUND, refusalOf, UNREADABLE_TARGET } from '../app/refusals.ts';
import { endAnswersWithConnections } from './connections.ts';
import type { InspectorPage } from './inspect-page.ts';
import type { Hand } from './limits.ts';
import { type McpRouteOptions, mcpRoute } from './mcp-route.ts';
import type { Metrics } from './metrics/metrics.ts';
import { type LogRefusal, type Refuse, refusalLog, refuseWith, tellAll } from './refuse.ts';

export type HttpServerOptions = Omit<McpRouteOptions, 'hand' | 'logRefusal' | 'refuse' | 'isWatched'> & {
  readonly log: FastifyBaseLogger;
  /** Connections at one time; more are refused. */
  readonly maxConnections: number;
  /** Whether the ring's file as it is now is not in use, for `/readyz`. */
  isRingOutdated?(): boolean;
  /** Hostnames in `Host` that are served, without ports. Absent: any. */
  readonly allowedHosts?: Names | undefined;
  /** Counts what becomes of requests. */
  readonly metrics?: Metrics | undefined;
  /** Served at `/inspect`. Absent: there is no such page. */
  readonly inspectorPage?: InspectorPage | undefined;
};

/** How long a client may take to send a request: it has a place among those in hand from its headers on. Milliseconds. */
const REQUEST_TIMEOUT_MS = 15_000;

/** Who has asked so lately whether this process is ready will ask again. Milliseconds. */
const WATCHED_MS = 30_000;

/** The server over HTTP, on Fastify. Opens no socket before `listen`. */
export function httpServer({
  log,
  maxConnections,
  allowedHosts = 'any',
  isRingOutdated,
  inspectorPage,
  metrics,
  ...route
}: HttpServerOptions): FastifyInstance {
  const logRefusal = tellAll([refusalLog(log), ...(metrics ? [metrics.refused] : [])]);
  const hand: Hand = new Set();
  metrics?.follow({ inHand: () => hand.size, ...route.environment });
  const refuse = refuseWith(logRefusal);
  const app = Fastify({
    loggerInstance: log,
    // A line a tool call is written by the tools themselves; the framework's own would repeat URLs and errors of clients.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    routerOptions: { ignoreTrailingSlash: true },
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node would look every 30 seconds, and give headers alone a minute.
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1_000 },
    // A stop has its own limits, and longer ones than the framework gives it. It answers what still comes.
    pluginTimeout: 0,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, logRefusal, isAnswering(socket)),
    frameworkErrors: (_error, _request, reply: FastifyReply) => void refuse(reply, UNREADABLE_TARGET),
  });
  const isAnswering = endAnswersWithConnections(app.server);
  app.server.maxConnections = maxConnections;
  answerErrors(app, refuse);
  checkHosts(app, allowedHosts, refuse);
  app.get('/healthz', () => ALIVE);
  let [isStopping, askedAt] = [false, Number.NEGATIVE_INFINITY];
  app.addHook('preClose', async () => {
    isStopping = true;
  });
  app.get('/readyz', (_request, reply) => {
    askedAt = performance.now();
    if (isStopping) return reply.code(503).send(STOPPING);
    const { status, body } = readinessAnswer(route.environment.ring(), route.environment.now(), isRingOutdated?.());
    return reply.code(status).send(body);
  });
  if (inspectorPage !== undefined) {
    app.get('/inspect', (_request, reply) => reply.headers(inspectorPage.headers).send(inspectorPage.html));
  }
  for (const url of [...PROBES, '/inspect'])
    app.options(url, (_request, reply) => reply.code(204).headers(optionsHeaders('GET, HEAD')).send());
  const { authorization } = route;
  if (authorization !== undefined) {
    const handler = (request: FastifyRequest, reply: FastifyReply) => {
      const document = authorization.discovery(new Request(new URL(request.url, 'http://localhost'), { method: request.method }));
      return document === undefined ? reply.callNotFound() : reply.send(document);
    };
    app.route({
      method: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/.well-known/*',
      exposeHeadRoute: false,
      handler,
    });
  }
  app.register(mcpRoute, { ...route, hand, refuse, logRefusal, isWatched: () => performance.now() - askedAt < WATCHED_MS });
  return app;
}

/** Answers requests that no handler sees. */
function answerErrors(app: FastifyInstance, refuse: Refuse): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const refusal = refusalOf(error.statusCode ?? 500);
    if (refusal.status === 500) app.log.error({ error: error.name, code: error.code }, 'request failed');
    return refuse(reply, refusal);
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, NOT_FOUND));
}

/** Whatever else a server answers, it answers for the hosts that it is to serve. */
function checkHosts(app: FastifyInstance, allowedHosts: Names, refuse: Refuse): void {
  app.addHook('onRequest', async ({ raw, headers, routeOptions }, reply) => {
    // Which of several would be checked, and which would be believed? RFC 9112 §3.2 has them refused.
    if ((raw.headersDistinct['host']?.length ?? 0) > 1) return refuse(reply, UNREADABLE_TARGET);
    const isServed = PROBES.includes(routeOptions.url ?? '') ? isServedProbe : isServedHost;
    if (!isServed(headers.host, allowedHosts)) return refuse(reply, HOST_REFUSED);
  });
}

const PROBES: readonly string[] = ['/healthz', '/readyz'];

/**
 * Answers what is not HTTP, or came too slowly. The error carries the bytes that were read, so the log gets nothing of it.
 *
 * @param isAnswering whether another answer is under way on the connection, in whose middle this one would stand
 */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket, logRefusal: LogRefusal, isAnswering: boolean): void {
  const isTimeout = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const status = isTimeout ? '408 Request Timeout' : '400 Bad Request';
  if (error.code !== 'ECONNRESET') logRefusal(isTimeout ? 408 : 400, isTimeout ? 'timeout' : 'target');
  if (socket.writable && !isAnswering) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}
