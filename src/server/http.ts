import { hostHeaderValidation, originValidation } from '@modelcontextprotocol/fastify';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { type Environment, toolset } from '../kit/index.ts';
import { researchTools } from '../research/index.ts';
import { BODY_LIMIT } from './endpoint.ts';
import { readiness } from './health.ts';
import { answerErrors } from './http-errors.ts';
import { mcpRoute } from './http-mcp.ts';

export interface HttpServerOptions {
  readonly environment: Environment;
  readonly log: FastifyBaseLogger;
  /** Hostnames that clients reach this server by, without ports. Absent: any. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Hostnames of web pages that may call it, without ports. */
  readonly allowedOrigins: readonly string[];
}

/** How long a client may take to send a request. Milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** The server over HTTP, on Fastify. Opens no socket before `listen`. */
export function httpServer({ environment, log, allowedHosts, allowedOrigins }: HttpServerOptions): FastifyInstance {
  const app = Fastify({
    loggerInstance: log,
    // A line a tool call is written by the tools themselves; the framework's own would repeat URLs and errors of clients.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  answerErrors(app);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const answer = readiness(environment.ring(), environment.now());
    return reply.code(answer.status === 'ready' ? 200 : 503).send(answer);
  });
  app.register(async (guarded) => {
    if (allowedHosts !== undefined) guarded.addHook('onRequest', hostHeaderValidation([...allowedHosts]));
    guarded.addHook('onRequest', originValidation([...allowedOrigins]));
    await guarded.register(mcpRoute, { tools: toolset(researchTools), environment });
  });
  return app;
}
