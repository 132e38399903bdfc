/** Refusals: how they are sent, logged and counted. */
import type { RequestListener, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import { corsHeaders } from '../app/cors.ts';
import { isServedOrigin, type Names } from '../app/names.ts';
import { OVERLOADED, type Refusal, type RefusalReason } from '../app/refusals.ts';

/** Sends a refusal, and logs the reason. */
export type Refuse = (reply: FastifyReply, refusal: Refusal) => FastifyReply;

/** Takes note of one request that the server refused before any tool. */
export type LogRefusal = (status: number, reason: RefusalReason) => void;

/** The shortest time between two log lines about an overload. Milliseconds. A line for each request would add to the overload. */
const OVERLOADS_EVERY_MS = 1_000;

/** Logs one line for each refusal, with nothing of the request in it. Requests that were shed share a line, which has their number. */
export function refusalLog(log: Pick<FastifyBaseLogger, 'info'>): LogRefusal {
  let [overloads, toldAt] = [0, Number.NEGATIVE_INFINITY];
  return (status, reason) => {
    if (reason !== 'overload') return log.info({ status, reason }, 'refused');
    overloads += 1;
    if (performance.now() - toldAt < OVERLOADS_EVERY_MS) return;
    log.info({ status, reason, times: overloads }, 'refused');
    [overloads, toldAt] = [0, performance.now()];
  };
}

/** Tells several listeners of each refusal. */
export function tellAll(tellers: readonly LogRefusal[]): LogRefusal {
  return (status, reason) => {
    for (const tell of tellers) tell(status, reason);
  };
}

/** Makes the function that refuses requests within Fastify. */
export function refuseWith(logRefusal: LogRefusal): Refuse {
  return (reply, { status, reason, headers, body }) => {
    logRefusal(status, reason);
    return reply.code(status).headers(headers).send(body);
  };
}

/** The answer to an overload is the same for every request, so its text is made only once. */
const SHED_BODY = JSON.stringify(OVERLOADED.body);
const SHED_HEADERS = { ...OVERLOADED.headers, 'content-type': 'application/json; charset=utf-8', 'content-length': SHED_BODY.length };

/**
 * Makes the function that sheds requests before Fastify sees them, at little cost. The answer says only that the server is
 * busy, so the function does not check `Host`.
 *
 * @param allowedOrigins web pages from there may read the answer
 * @param onAnswer called when an answer begins
 */
export function shedWith(logRefusal: LogRefusal, allowedOrigins: Names, onAnswer: (response: ServerResponse) => void): RequestListener {
  return ({ headers: { origin } }, response) => {
    logRefusal(OVERLOADED.status, OVERLOADED.reason);
    onAnswer(response);
    response.writeHead(OVERLOADED.status, { ...SHED_HEADERS, ...corsHeaders(isServedOrigin(origin, allowedOrigins) ? origin : undefined) });
    response.end(SHED_BODY);
  };
}
