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
  /** The caller's name, where it is known; otherwise its address counts. */
  nameOf(request: FastifyRequest): string | undefined;
}

/** Answers 429 to a caller that asks too much. The counts are this process's own, and hold nothing of any task. */
export async function limitRate(app: FastifyInstance, { perMinute, nameOf }: RateLimit): Promise<void> {
  if (perMinute === 0) return;
  await app.register(rateLimiter, {
    max: perMinute,
    timeWindow: 60_000,
    // After authorization, so that it is the caller who is counted and not the proxy that he comes through.
    hook: 'preHandler',
    keyGenerator: (request) => nameOf(request) ?? request.ip,
  });
}

/** Answers 503 while this process is behind with its work, so that what it has accepted it finishes. */
export async function shedLoad(app: FastifyInstance): Promise<void> {
  await app.register(underPressure, { maxEventLoopDelay: MOST_DELAY_MS, retryAfter: RETRY_AFTER_S });
}
