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
  /** Who calls, where it is known; otherwise the address counts. */
  nameOf(request: FastifyRequest): object | undefined;
}

/** Answers 429 to a caller that asks too much. The counts are this process's own, and hold nothing of any task. */
export async function limitRate(app: FastifyInstance, { perMinute, nameOf }: RateLimit): Promise<void> {
  if (perMinute === 0) return;
  await app.register(rateLimiter, {
    max: perMinute,
    timeWindow: 60_000,
    // A caller's name is written as JSON, so that nobody can be named like somebody's address.
    keyGenerator: (request) => {
      const name = nameOf(request);
      return name === undefined ? request.ip : JSON.stringify(name);
    },
  });
}

/** Answers 503 while this process is behind with its work, so that what it has accepted it finishes. */
export async function shedLoad(app: FastifyInstance): Promise<void> {
  await app.register(underPressure, { maxEventLoopDelay: MOST_DELAY_MS, retryAfter: RETRY_AFTER_S });
}
