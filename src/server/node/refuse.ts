/** Sends, logs and counts refusals of requests that have not reached a tool. */
import type { RequestListener, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import { corsHeaders } from '../app/cors.ts';
import { isServedOrigin, type Names } from '../app/names.ts';
import { OVERLOADED, type Refusal, type RefusalReason } from '../app/refusals.ts';

/** Sends a refusal, and logs the reason. */
export type Refuse = (reply: FastifyReply, refusal: Refusal) => FastifyReply;

/** Logs or counts one refusal. */
export type LogRefusal = (status: number, reason: RefusalReason) => void;

/**
 * The shortest time between two log lines about an overload, in milliseconds. More lines would make the overload worse.
 */
const OVERLOADS_EVERY_MS = 1_000;

/**
 * Logs one line for each refusal, without any part of the request. During an overload, a line has the number of
 * refusals since the previous line.
 */
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

export function tellAll(tellers: readonly LogRefusal[]): LogRefusal {
  return (status, reason) => {
    for (const tell of tellers) tell(status, reason);
  };
}

/** Makes a function that refuses requests in Fastify's hooks and routes. */
export function refuseWith(logRefusal: LogRefusal): Refuse {
  return (reply, { status, reason, headers, body }) => {
    logRefusal(status, reason);
    return reply.code(status).headers(headers).send(body);
  };
}

/** The answer during an overload. It is made only once. */
const SHED_BODY = JSON.stringify(OVERLOADED.body);
const SHED_HEADERS = { ...OVERLOADED.headers, 'content-type': 'application/json; charset=utf-8', 'content-length': SHED_BODY.length };

/**
 * Makes the function that refuses requests during an overload. The function is fast, because it answers before Fastify
 * does. `Host` is not checked, because the answer says only that the server is busy.
 *
 * @param allowedOrigins the hostnames whose web pages may read the answer
 */
export function shedWith(logRefusal: LogRefusal, allowedOrigins: Names, onAnswer: (response: ServerResponse) => void): RequestListener {
  return ({ headers: { origin } }, response) => {
    logRefusal(OVERLOADED.status, OVERLOADED.reason);
    onAnswer(response);
    response.writeHead(OVERLOADED.status, { ...SHED_HEADERS, ...corsHeaders(isServedOrigin(origin, allowedOrigins) ? origin : undefined) });
    response.end(SHED_BODY);
  };
}
