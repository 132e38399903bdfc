import type { ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { AuthInfo, McpHttpHandler } from '@modelcontextprotocol/server';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Authorization } from '../app/authorization/authorization.ts';
import { contentRefusal } from '../app/content.ts';
import { corsHeaders, optionsHeaders } from '../app/cors.ts';
import { answerIn } from '../app/endpoint.ts';
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
import { addressThrough, isForwarded, networkOf } from './forwarded.ts';
import { limitRate } from './limits.ts';
import type { LogRefusal, Refuse } from './refuse.ts';

/** The options of the route `/mcp`. */
export interface McpRouteOptions {
  readonly endpoint: McpHttpHandler;
  /** The hostnames that the header `Origin` may have, without ports. */
  readonly allowedOrigins: Names;
  /** Checks access tokens. Absent: callers are anonymous. */
  readonly authorization?: Authorization | undefined;
  /** The maximum number of requests in a minute from each caller; 0 means no limit. */
  readonly rateLimit: number;
  /** The proxies whose `X-Forwarded-For` the server believes: IP addresses or ranges. Default: none. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Whether the server refuses forwarded requests, because it is configured for callers on its own machine alone. */
  readonly refuseForwarded?: boolean;
  /** Called when an answer of the MCP endpoint begins. Fastify does not send these answers, so its hooks do not see them. */
  onAnswer(response: ServerResponse): void;
  readonly refuse: Refuse;
  readonly logRefusal: LogRefusal;
}

/** The result of authorization: the caller, or the answer that refuses the request, together with the reason for the log. */
interface Verdict {
  readonly verdict: AuthInfo | Response;
  readonly reason: RefusalReason;
}

/** The status that the SDK gives to an answer if the client has gone. */
const CLIENT_GONE = 499;

/**
 * Serves `POST /mcp`, answers OPTIONS, and refuses the other methods. The hooks check a request in the order in which they stand
 * here.
 */
export const mcpRoute: FastifyPluginAsync<McpRouteOptions> = async (
  app,
  { endpoint, allowedOrigins, authorization, rateLimit, trustProxy = [], refuseForwarded = false, onAnswer, refuse, logRefusal },
) => {
  const addressOf = addressThrough(trustProxy);
  app.addHook('onRequest', async ({ headers: { origin } }, reply) => {
    if (!isServedOrigin(origin, allowedOrigins)) return refuse(reply, ORIGIN_REFUSED);
    // Without these headers, a browser does not let the web page read the answer.
    reply.headers(corsHeaders(origin));
  });
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    if (method !== 'OPTIONS') return;
    return reply
      .code(204)
      .headers(optionsHeaders('POST', headers.origin, headers['access-control-request-headers']))
      .send();
  });

  // Authorization judges a request before the rate limit counts it, because the rate limit needs the caller. A request is refused
  // only after it was counted, so that the rate limit also counts refused requests.
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
    const authInfo = callerOf(request);
    const answered = await answerIn(takenBy(request.headers.accept), endpoint, asked, { parsedBody: request.body, authInfo });
    if (answered.status >= 400 && answered.status !== CLIENT_GONE) logRefusal(answered.status, reasonOfAnswer(answered.status));
    // The header `connection` of the SDK's answer is removed, because this server decides itself when a connection closes.
    answered.headers.delete('connection');
    onAnswer(reply.raw);
    return answered;
  };
  // The listener of @hono/node-server is faster than Fastify here: it makes a light `Request`, and writes the answer in one piece,
  // while Fastify would read the answer as a stream. `hostname` is for HTTP/1.0, in which a request needs no `Host`.
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
    // A hook above answers OPTIONS. The route names OPTIONS, because Fastify runs the hooks only for a known route.
    method: ['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'],
    url: '/mcp',
    exposeHeadRoute: false,
    handler: (_request, reply) => refuse(reply, METHOD_NOT_ALLOWED),
  });
};

function unknownRequest(): never {
  throw new TypeError('a request did not come through the hooks');
}

/**
 * Tells whether a verdict is a caller, and not a response. `instanceof Response` would not work, because @hono/node-server has
 * its own class for responses.
 */
function isCaller(verdict: AuthInfo | Response): verdict is AuthInfo {
  return 'token' in verdict;
}
