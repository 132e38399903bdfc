import type { ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { AuthInfo, McpHttpHandler } from '@modelcontextprotocol/server';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Authorization } from '../app/authorization/authorization.ts';
import { corsHeaders, optionsHeaders } from '../app/cors.ts';
import { answerIn } from '../app/endpoint.ts';
import { hostnameOf, isServedOrigin, type Names } from '../app/names.ts';
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
import { bodyIn } from '../app/request/body.ts';
import { contentRefusal } from '../app/request/content.ts';
import { takenBy } from '../app/request/negotiation.ts';
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
  /** The most requests in a minute from each caller; 0 means no limit. */
  readonly rateLimit: number;
  /** The proxies whose `X-Forwarded-For` the server believes: addresses or ranges. Default: none. */
  readonly trustProxy?: readonly string[] | undefined;
  /** Whether to refuse forwarded requests, because the server is only for this machine. */
  readonly refuseForwarded?: boolean;
  /** Called when an answer of the MCP endpoint begins. Fastify's hooks do not see these answers. */
  onAnswer(response: ServerResponse): void;
  readonly refuse: Refuse;
  readonly logRefusal: LogRefusal;
}

/** The caller, or else the answer that refuses the request. The reason of a refusal is for the log. */
interface Verdict {
  readonly verdict: AuthInfo | Response;
  readonly reason: RefusalReason;
}

/** The SDK's status for an answer to a client that has gone. */
const CLIENT_GONE = 499;

/** Serves `POST /mcp`. The hooks check a request in the order in which they stand here. */
export const mcpRoute: FastifyPluginAsync<McpRouteOptions> = async (
  app,
  { endpoint, allowedOrigins, authorization, rateLimit, trustProxy = [], refuseForwarded = false, onAnswer, refuse, logRefusal },
) => {
  const addressOf = addressThrough(trustProxy);
  app.addHook('onRequest', async ({ headers: { origin } }, reply) => {
    if (!isServedOrigin(origin, allowedOrigins)) return refuse(reply, ORIGIN_REFUSED);
    // Without these headers, a web page cannot read the answer, even a refusal.
    reply.headers(corsHeaders(origin));
  });
  app.addHook('onRequest', async ({ method, headers }, reply) => {
    if (method !== 'OPTIONS') return;
    return reply
      .code(204)
      .headers(optionsHeaders('POST', headers.origin, headers['access-control-request-headers']))
      .send();
  });

  // The rate limit needs the caller, so authorization comes first. But a refusal comes after the count, so that refused
  // requests also count.
  const verdicts = new WeakMap<FastifyRequest, Verdict>();
  const callerOf = (request: FastifyRequest) => {
    const verdict = verdicts.get(request)?.verdict;
    return verdict !== undefined && isCaller(verdict) ? verdict : undefined;
  };
  if (authorization !== undefined) {
    app.addHook('onRequest', async (request) => {
      // Node itself would drop the second of two headers, which a proxy may have checked.
      const header = request.raw.headersDistinct['authorization']?.join(', ');
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
    // Fastify refuses some spellings that `contentRefusal` accepts.
    headers['content-type'] = 'application/json';
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => bytes);
  app.addHook('preValidation', async (request, reply) => {
    if (request.method !== 'POST') return;
    const read = bodyIn((request.body as Buffer | undefined) ?? Buffer.alloc(0));
    if ('reason' in read) return refuse(reply, read);
    request.body = read.parsedBody;
  });

  const arrived = new WeakMap<object, { request: FastifyRequest; reply: FastifyReply }>();
  const answer: Parameters<typeof getRequestListener>[0] = async (asked, { incoming }) => {
    const { request, reply } = arrived.get(incoming) ?? unknownRequest();
    const authInfo = callerOf(request);
    const answered = await answerIn(takenBy(request.headers.accept), endpoint, asked, { parsedBody: request.body, authInfo });
    if (answered.status >= 400 && answered.status !== CLIENT_GONE) logRefusal(answered.status, reasonOfAnswer(answered.status));
    // This server decides itself when a connection closes.
    answered.headers.delete('connection');
    onAnswer(reply.raw);
    return answered;
  };
  const errorHandler = (error: unknown) => {
    const refusal = error instanceof RequestError ? UNREADABLE_TARGET : INTERNAL_ERROR;
    logRefusal(refusal.status, refusal.reason);
    return refusalResponse(refusal);
  };
  // @hono/node-server writes the answers, because it is faster than Fastify, which would read an answer as a stream. A
  // request of HTTP/1.0 may lack `Host`. Then `hostname` takes its place.
  const listener = getRequestListener(answer, { errorHandler, hostname: 'localhost', overrideGlobalObjects: false });
  app.post('/mcp', (request, reply) => {
    arrived.set(request.raw, { request, reply });
    // @hono/node-server refuses spellings of `Host` that differ from the spelling in a URL.
    const hostname = hostnameOf(request.headers.host);
    if (hostname !== undefined) request.raw.headers.host = hostname;
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    return listener(request.raw, reply.raw);
  });

  app.route({
    // A hook above answers OPTIONS, but Fastify runs hooks only for a known route.
    method: ['GET', 'HEAD', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'],
    url: '/mcp',
    exposeHeadRoute: false,
    handler: (_request, reply) => refuse(reply, METHOD_NOT_ALLOWED),
  });
};

function unknownRequest(): never {
  throw new TypeError('a request did not come through the hooks');
}

/** `instanceof Response` would not work, because @hono/node-server has its own class for responses. */
function isCaller(verdict: AuthInfo | Response): verdict is AuthInfo {
  return 'token' in verdict;
}
