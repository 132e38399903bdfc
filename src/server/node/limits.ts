import rateLimiter from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusalOf } from '../app/refusals.ts';
import type { Refuse } from './refuse.ts';

export interface RateLimit {
  /** Requests a minute for each caller; 0 for no limit. */
  readonly perMinute: number;
  /** The caller, if authorization knows one. Otherwise the network counts. */
  callerOf(request: FastifyRequest): object | undefined;
  /** The network that a request came from. */
  networkOf(request: FastifyRequest): string;
}

/** The most messages of a batch that are counted. The SDK refuses longer batches. */
const MOST_COUNTED = 100;

/**
 * Answers 429 to a caller that sends too many requests. Each message of a batch counts, because it costs as much as a
 * request of its own. Each process counts for itself. The counts contain nothing of any task.
 */
export async function limitRate(app: FastifyInstance, { perMinute, callerOf, networkOf }: RateLimit, refuse: Refuse): Promise<void> {
  if (perMinute === 0) return;
  await app.register(rateLimiter, { global: false, max: perMinute, timeWindow: 60_000 });
  // Callers and networks are counted in separate caches, so that requests without a caller cannot evict the count of a caller.
  const byAddress = app.createRateLimit({ keyGenerator: networkOf });
  const byCaller = app.createRateLimit({ keyGenerator: (request) => JSON.stringify(callerOf(request)) });

  const count = async (request: FastifyRequest, reply: FastifyReply) => {
    const counted = await (callerOf(request) === undefined ? byAddress : byCaller)(request);
    if (counted.isAllowed) return false;
    const { max, remaining, ttlInSeconds } = counted;
    reply.headers({ 'x-ratelimit-limit': max, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': ttlInSeconds });
    if (counted.isExceeded) reply.header('retry-after', ttlInSeconds);
    return counted.isExceeded;
  };
  app.addHook('onRequest', async (request, reply) => {
    if (await count(request, reply)) return refuse(reply, refusalOf(429));
  });
  // The hook above has counted the first message, before the body was read.
  app.addHook('preHandler', async (request, reply) => {
    const others = Array.isArray(request.body) ? Math.min(request.body.length, MOST_COUNTED) - 1 : 0;
    for (let counted = 0; counted < others; counted += 1) {
      if (await count(request, reply)) return refuse(reply, refusalOf(429));
    }
  });
}
