import type { ServerResponse } from 'node:http';
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyReply, LogController } from 'fastify';
import type { Environment } from '../../kit/index.ts';
import type { Authorization } from '../app/authorization/authorization.ts';
import { optionsHeaders } from '../app/cors.ts';
import { mcpEndpoint, type ServerFactory } from '../app/endpoint.ts';
import { ALIVE, readinessAnswer, STOPPING } from '../app/health.ts';
import { isServedHost, isServedProbe, type Names } from '../app/names.ts';
import {
  BODY_LIMIT,
  HEADER_LIMIT,
  HOST_REFUSED,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  PROBE_METHOD,
  refusalOf,
  UNREADABLE_TARGET,
} from '../app/refusals.ts';
import { pathOf, plainPath } from '../app/request/path.ts';
import { endAnswersWithConnections } from './connections/close.ts';
import { drainOnClose } from './connections/drain.ts';
import { queueRequests } from './connections/queue.ts';
import { answerUnreadable, isBroken } from './connections/unreadable.ts';
import type { InspectorPage } from './inspect-page.ts';
import { type McpRouteOptions, mcpRoute } from './mcp-route.ts';
import type { Metrics } from './metrics/metrics.ts';
import { type LogRefusal, type Refuse, refusalLog, refuseWith, shedWith, tellAll } from './refuse.ts';

/** The options of an HTTP server. */
export type HttpServerOptions = Omit<McpRouteOptions, 'endpoint' | 'onAnswer' | 'logRefusal' | 'refuse'> & {
  /** Makes the SDK's server object for each request. */
  readonly server: ServerFactory;
  readonly environment: Environment;
  readonly log: FastifyBaseLogger;
  /** The most connections at one time. The server refuses further connections. */
  readonly maxConnections: number;
  /**
   * Tells whether the ring's file has changed, but the new ring could not be used. Then `/readyz` contains a warning.
   */
  isRingOutdated?(): boolean;
  /** The hostnames that the header `Host` may have, without ports. Default: every name. */
  readonly allowedHosts?: Names | undefined;
  /** Counts calls and refusals. */
  readonly metrics?: Metrics | undefined;
  /** The page at `/inspect`. Default: no page. */
  readonly inspectorPage?: InspectorPage | undefined;
};

/** The time within which a client must send a whole request, in milliseconds. A slow request would occupy the queue. */
const REQUEST_TIMEOUT_MS = 15_000;

/**
 * If somebody asked for `/readyz` within this time, in milliseconds, a stop waits, so that the next probe gets a 503.
 */
const WATCHED_MS = 30_000;

/** The paths of the health endpoints. A request may add a slash or a query. */
const PROBES: readonly string[] = ['/healthz', '/readyz'];
const PROBE_URL = /^\/(?:healthz|readyz)\/?(?:\?|$)/;

/**
 * Makes the HTTP server, with Fastify. It opens no socket until you call `listen`.
 *
 * @example
 * ```ts
 * import type { Environment } from 'waxseal';
 * import { createLog, httpServer, type ServerFactory } from 'waxseal/server';
 *
 * async function listen(server: ServerFactory, environment: Environment): Promise<string> {
 *   const log = await createLog('info', process.stdout);
 *   const allowedHosts = ['mcp.example.com'];
 *   const app = httpServer({ server, environment, log, allowedHosts, allowedOrigins: [], maxConnections: 1_000, rateLimit: 600 });
 *   return app.listen({ port: 8080 });
 * }
 * ```
 */
export function httpServer({
  server,
  environment,
  log,
  maxConnections,
  allowedHosts = 'any',
  isRingOutdated,
  inspectorPage,
  metrics,
  ...route
}: HttpServerOptions): FastifyInstance {
  const logRefusal = tellAll([refusalLog(log), ...(metrics ? [metrics.refused] : [])]);
  const refuse = refuseWith(logRefusal);
  const app = Fastify({
    loggerInstance: log,
    // Fastify's own log lines would quote the URLs and errors of clients. The kit logs each call.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Node's times are too long: a check every 30 seconds, and a minute for the headers. `checkHosts` judges a missing
    // `Host`.
    http: {
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: HEADER_LIMIT,
      requireHostHeader: false,
    },
    // `drainOnClose` needs more time than Fastify allows, and answers requests that arrive during the stop.
    pluginTimeout: 0,
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, logRefusal, isAnswering(socket)),
    frameworkErrors: (_error, _request, reply: FastifyReply) => void refuse(reply, UNREADABLE_TARGET),
  });
  app.server.maxConnections = maxConnections;
  let [isStopping, askedAt] = [false, Number.NEGATIVE_INFINITY];
  // This hook must come before the hook of `drainOnClose`, which takes seconds. Fastify runs hooks one after the other.
  app.addHook('preClose', async () => {
    isStopping = true;
  });

  // Only the names of the SDK's errors are logged, because their messages may quote a request with its handle.
  const endpoint = mcpEndpoint(server, environment, (error) => log.debug({ error: error.name }, 'protocol error'));
  app.server.off('request', app.routing);
  const queue = queueRequests(app.server, {
    answer: app.routing,
    shed: shedWith(logRefusal, route.allowedOrigins, (response) => onAnswer(response)),
    isUrgent: (url) => PROBE_URL.test(url),
  });
  const isAnswering = endAnswersWithConnections(app.server);
  const markAnswered = drainOnClose(app, { endStreams: () => endpoint.close(), isWatched: () => performance.now() - askedAt < WATCHED_MS });
  const onAnswer = (response: ServerResponse) => {
    queue.leave(response);
    markAnswered(response);
  };
  app.addHook('onSend', async (_request, { raw }) => onAnswer(raw));
  metrics?.follow({ inHand: queue.size, ...environment });

  answerErrors(app, refuse);
  checkHosts(app, allowedHosts, refuse);
  app.get('/healthz', () => ALIVE);
  app.get('/readyz', (_request, reply) => {
    askedAt = performance.now();
    if (isStopping) return reply.code(503).send(STOPPING);
    const { status, body } = readinessAnswer(environment.ring(), environment.now(), isRingOutdated?.());
    return reply.code(status).send(body);
  });
  if (inspectorPage !== undefined) {
    app.get('/inspect', (_request, reply) => reply.headers(inspectorPage.headers).send(inspectorPage.html));
  }
  for (const url of [...PROBES, '/inspect'])
    app.options(url, (_request, reply) => reply.code(204).headers(optionsHeaders('GET, HEAD')).send());
  serveDiscovery(app, route.authorization, logRefusal);
  app.register(mcpRoute, { ...route, endpoint, onAnswer, refuse, logRefusal });
  return app;
}

/** Serves the documents in which clients find the authorization server. */
function serveDiscovery(app: FastifyInstance, authorization: Authorization | undefined, logRefusal: LogRefusal): void {
  if (authorization === undefined) return;
  app.route({
    method: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/.well-known/*',
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const asked = new Request(`http://localhost${pathOf(request.url)}`, { method: request.method });
      const document = await authorization.discovery(asked, (reason) => logRefusal(503, reason));
      return document === undefined ? reply.callNotFound() : reply.send(document);
    },
  });
}

/**
 * Replaces Fastify's compilers of JSON schemas. No route has a schema, and loading the compilers would take a tenth of
 * the server's start.
 */
function noSchemas(): never {
  throw new TypeError('this server has no compiler for JSON schemas: check the request in the handler of the route, without "schema"');
}

function answerErrors(app: FastifyInstance, refuse: Refuse): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    // The connection broke in the middle of the body. If the server itself closed it, the reason is already counted.
    if (isBroken(error)) return reply.hijack();
    const refusal = refusalOf(error.statusCode ?? 500);
    if (refusal.status === 500) app.log.error({ error: error.name, code: error.code }, 'request failed');
    return refuse(reply, refusal);
  });
  // Fastify's router does not know TRACE and the methods of WebDAV, and looks for a path only with its methods.
  app.setNotFoundHandler(({ url }, reply) => {
    const path = plainPath(pathOf(url));
    if (PROBES.includes(path)) return refuse(reply, PROBE_METHOD);
    return refuse(reply, path === '/mcp' ? METHOD_NOT_ALLOWED : NOT_FOUND);
  });
}

function checkHosts(app: FastifyInstance, allowedHosts: Names, refuse: Refuse): void {
  app.addHook('onRequest', async ({ raw, headers, routeOptions }, reply) => {
    // A proxy could check one of several `Host` headers and use another (RFC 9112 §3.2).
    if ((raw.headersDistinct['host']?.length ?? 0) > 1) return refuse(reply, UNREADABLE_TARGET);
    const isProbe = PROBES.includes(routeOptions.url ?? '');
    // Only a request of HTTP/1.0 may lack `Host` (RFC 9112 §3.2). Some health probes lack it, too.
    if (headers.host === undefined && raw.httpVersion !== '1.0' && !isProbe) return refuse(reply, UNREADABLE_TARGET);
    if (!(isProbe ? isServedProbe : isServedHost)(headers.host, allowedHosts)) return refuse(reply, HOST_REFUSED);
  });
}
