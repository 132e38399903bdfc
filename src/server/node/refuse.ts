import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import type { Refusal, RefusalReason } from '../app/refusals.ts';

/** Sends a refusal, and says why in the log. */
export type Refuse = (reply: FastifyReply, refusal: Refusal) => FastifyReply;

/** Writes the line of one request that was refused before any tool. */
export type LogRefusal = (status: number, reason: RefusalReason) => void;

/** How often overloads are told of. Milliseconds: a line for each would be work, when there is too much of it. */
const OVERLOADS_EVERY_MS = 1_000;

/** A line a refusal, with nothing of the request in it; overloads are counted, and told of together. */
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

/** Tells several of one refusal. */
export function tellAll(tellers: readonly LogRefusal[]): LogRefusal {
  return (status, reason) => {
    for (const tell of tellers) tell(status, reason);
  };
}

/** @param logRefusal what writes the line */
export function refuseWith(logRefusal: LogRefusal): Refuse {
  return (reply, { status, reason, headers, body }) => {
    logRefusal(status, reason);
    return reply.code(status).headers(headers).send(body);
  };
}
