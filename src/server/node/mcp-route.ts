import { setImmediate as nextTurn } from 'node:timers/promises';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { AuthInfo } from '@modelcontextprotocol/server';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Environment } from '../../kit/index.ts';
import type { Authorization } from '../app/authorization/authorization.ts';
import { contentRefusal } from '../app/content.ts';
import { corsHeaders, optionsHeaders } from '../app/cors.ts';
import { answerIn, mcpEndpoint, type ServerFactory } from '../app/endpoint.ts';
import { isServedOrigin, type Names } from '../app/names.ts';
import { takenBy } from '../app/negotiation.ts';
import {
  FORWARDED_REFUSED,
  INTERNAL_ERROR,
  METHOD_NOT_ALLOWED,
  NOT_ACCEPTABLE,
  ORIGIN_REFUSED,
  type RefusalReason,
  reasonOfAnswer,
  refusalResponse,
  UNREADABLE_TARGET,
} from '../app/refusals.ts';
import { drainOnClose } from './connections.ts';
import { addressThrough, isForwarded, networkOf } from './forwarded.ts';
import { type Hand, limitInHand, limitRate } from './limits.ts';
import type { LogRefusal, Refuse } from './refuse.ts';

export interface McpRouteOptions {
  /** What is served. */
  readonly server: ServerFactory;
  readonly environment: Environment;
  /** Hostnames in `Origin` that are served, without ports. */
  readonly allowedOrigins: Names;
  /** Absent: callers are anonymous. */
  readonly authorization?: Authorization | undefined;
  /** Requests a minute, for each caller; 0 for no limit. */
  readonly rateLimit: number;
  /** Proxies whose X-Forwarded-For is believed: IP addresses or ranges. Default: none. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Whether what somebody passed on is refused, since the server is for its own machine. */
  readonly refuseForwarded?: boolean;
  /** Has what is in hand, for whoever counts it. */
  readonly hand: Hand;
  readonly refuse: Refuse;
  readonly logRefusal: LogRefusal;
  /** Whether somebody asks again and again if this process is ready. */
  isWatched(): boolean;
}

/** What authorization says of a request, and why, where that is a refusal. */
interface Verdict {
  readonly verdict: AuthInfo | Response;
  readonly reason: RefusalReason;
}

/** The status of an answer that nobody gets. */
const CLIENT_GONE = 499;

/** `POST /mcp` behind the check of Origin, and what its other methods are answered. */
export const mcpRoute: FastifyPluginAsync<McpRouteOptions> = async (
  app,
  {
    server,
    environment,
    allowedOrigins,
    authorization,
    rateLimit,
    trustProxy = [],
    refuseForwarded = false,
    hand,
    refuse,
    logRefusal,
    isWatched,
  },
) => {
  // Their messages may quote the request, and so a handle: the log gets their names only.
  const endpoint = mcpEndpoint(server, environment, (error) => app.log.debug({ error: error.name }, 'protocol error'));
  const addressOf = addressThrough(trustProxy);
  app.addHook('onRequest', async ({ headers: { origin } }, reply) => {
    if (!isServedOrigin(origin, allowedOrigins)) return refuse(reply, ORIGIN_REFUSED);
    // Web pages that may call must also be allowed to read the answer.
    reply.headers(corsHeaders(origin));
  });
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    if (method !== 'OPTIONS') return;
    return reply
      .code(204)
      .headers(optionsHeaders('POST', headers.origin, headers['access-control-request-headers']))
      .send();
  });
  const leaveHand = limitInHand(app, hand, refuse);
  const markAnswered = drainOnClose(app, () => endpoint.close(), isWatched);

  // A request is judged first, then counted, and only then refused: so that refused requests count, too.
  const verdicts = new WeakMap<FastifyRequest, Verdict>();
  const callerOf = (request: FastifyRequest) => {
    const verdict = verdicts.get(request)?.verdict;
    return verdict !== undefined && isCaller(verdict) ? verdict : undefined;
  };
  if (authorization !== undefined) {
    app.addHook('onRequest', async (request) => {
      const { authorization: header } = request.headers;
      let reason: RefusalReason = 'malformed';
      const verdict = await authorization.judge({ headers: new Headers(header === undefined ? {} : { authorization: header }) }, (told) => {
        reason = told;
      });
      verdicts.set(request, { verdict, reason });
    });
  }
  const rate = {
    perMinute: rateLimit,
    callerOf: (request: FastifyRequest) => callerOf(request)?.extra,
    networkOf: ({ raw, headers }: FastifyRequest) =>
      networkOf(addressOf(raw.socket.remoteAddress ?? '', headers['x-forwarded-for']?.toString())),
  };
  await limitRate(app, rate, refuse);
  if (authorization !== undefined) {
    app.addHook('onRequest', async (request, reply) => {
      const judged = verdicts.get(request);
      if (judged === undefined) throw new TypeError('a request was not judged');
      if (isCaller(judged.verdict)) return;
      logRefusal(judged.verdict.status, judged.reason);
      return reply.send(judged.verdict);
    });
  }
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    if (refuseForwarded && isForwarded(headers)) return refuse(reply, FORWARDED_REFUSED);
    if (method !== 'POST') return;
    const { json, stream } = takenBy(headers.accept);
    const refusal = contentRefusal((name) => headers[name]?.toString()) ?? (json || stream ? undefined : NOT_ACCEPTABLE);
    if (refusal !== undefined) return refuse(reply, refusal);
  });

  const arrived = new WeakMap<object, { request: FastifyRequest; reply: FastifyReply }>();
  const answer: Parameters<typeof getRequestListener>[0] = async (asked, { incoming }) => {
    const { request, reply } = arrived.get(incoming) ?? unknownRequest();
    // Requests that arrived in one turn of the event loop are all in hand before work on any of them begins: otherwise an overload would not be seen.
    await nextTurn();
    const authInfo = callerOf(request);
    const answered = await answerIn(takenBy(request.headers.accept), endpoint, asked, { parsedBody: request.body, authInfo });
    if (answered.status >= 400 && answered.status !== CLIENT_GONE) logRefusal(answered.status, reasonOfAnswer(answered.status));
    // How long a connection lives is between this server and its client, and not for the protocol layer to say.
    answered.headers.delete('connection');
    leaveHand(reply.raw);
    markAnswered(reply.raw);
    return answered;
  };
  // The listener makes a cheaper `Request` than the platform's, and writes an answer in one piece; the framework would read a stream.
  // A request of HTTP/1.0 may come without a host name.
  const errorHandler = (error: unknown) => {
    const refusal = error instanceof RequestError ? UNREADABLE_TARGET : INTERNAL_ERROR;
    logRefusal(refusal.status, refusal.reason);
    return refusalResponse(refusal);
  };
  const listener = getRequestListener(answer, { errorHandler, hostname: 'localhost', overrideGlobalObjects: false });
  app.post('/mcp', (request, reply) => {
    arrived.set(request.raw, { request, reply });
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    return listener(request.raw, reply.raw);
  });

  app.route({
    // The hooks answer OPTIONS.
    method: ['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'],
    url: '/mcp',
    exposeHeadRoute: false,
    handler: (_request, reply) => refuse(reply, METHOD_NOT_ALLOWED),
  });
};

function unknownRequest(): never {
  throw new TypeError('a request did not come through the hooks');
}

/** Whether a verdict names a caller; otherwise the verdict is the answer that refuses, whichever class of `Response` it has. */
function isCaller(verdict: AuthInfo | Response): verdict is AuthInfo {
  return 'token' in verdict;
}
