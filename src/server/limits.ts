import rateLimiter from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** How far the event loop may fall behind before requests are turned away. Milliseconds. */
const MOST_DELAY_MS = 1_000;

/** When to come back. Seconds. */
const RETRY_AFTER_S = 5;

export interface RateLimit {
  /** Requests a minute, for each caller; 0 for no limit. */
  readonly perMinute: number;
  /** Who calls, where it is known; otherwise the address counts, an IPv6 one by its /64. */
  nameOf(request: FastifyRequest): object | undefined;
}

/**
 * Answers 429 to a caller that asks too much, from the hooks that are added before this one on. The counts are this
 * process's own, and hold nothing of any task.
 */
export async function limitRate(app: FastifyInstance, { perMinute, nameOf }: RateLimit): Promise<void> {
  if (perMinute === 0) return;
  // Left to itself the plugin would count after all hooks of ours, and never see what they refuse.
  await app.register(rateLimiter, { global: false, max: perMinute, timeWindow: 60_000 });
  const byAddress = app.rateLimit();
  const byName = app.rateLimit({ keyGenerator: (request) => JSON.stringify(nameOf(request)) });
  app.addHook('onRequest', async function (request, reply) {
    await (nameOf(request) === undefined ? byAddress : byName).call(this, request, reply);
  });
}

/** Answers 503 while this process is behind with its work, so that what it has accepted it finishes. */
export async function shedLoad(app: FastifyInstance): Promise<void> {
  await app.register(underPressure, { maxEventLoopDelay: MOST_DELAY_MS, retryAfter: RETRY_AFTER_S });
}
