import rateLimiter from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusalOf } from '../app/refusals.ts';
import type { Refuse } from './refuse.ts';

export interface RateLimit {
  /** The most requests in a minute from each caller; 0 means no limit. */
  readonly perMinute: number;
  /** Undefined if the caller is anonymous. Anonymous callers are counted by their network. */
  callerOf(request: FastifyRequest): object | undefined;
  networkOf(request: FastifyRequest): string;
}

/** The most messages of a batch that are counted. The SDK refuses longer batches. */
const MOST_COUNTED = 100;

/**
 * Answers 429 to a caller that sends too many requests. Each message of a batch counts as a request, because it takes
 * as much work. Each process counts separately.
 */
export async function limitRate(app: FastifyInstance, { perMinute, callerOf, networkOf }: RateLimit, refuse: Refuse): Promise<void> {
  if (perMinute === 0) return;
  await app.register(rateLimiter, { global: false, max: perMinute, timeWindow: 60_000 });
  // Each cache has a limited size. With a single cache, anonymous requests could push out a caller's count.
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
  // The hook above has counted one message. This hook counts the others of a batch.
  app.addHook('preHandler', async (request, reply) => {
    const others = Array.isArray(request.body) ? Math.min(request.body.length, MOST_COUNTED) - 1 : 0;
    for (let counted = 0; counted < others; counted += 1) {
      if (await count(request, reply)) return refuse(reply, refusalOf(429));
    }
  });
}
