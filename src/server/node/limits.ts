import type { ServerResponse } from 'node:http';
import rateLimiter from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { OVERLOADED } from '../app/refusals.ts';
import type { Refuse } from './refuse.ts';

/** How many requests may be in hand: more than a process works off in a second or so would only wait. */
const MOST_IN_HAND = 256;

export interface RateLimit {
  /** Requests a minute, for each caller; 0 for no limit. */
  readonly perMinute: number;
  /** Who calls, where it is known; otherwise the address counts. */
  callerOf(request: FastifyRequest): object | undefined;
  /** Where a request comes from. */
  networkOf(request: FastifyRequest): string;
}

/**
 * Answers 429 to a caller that asks too much, from the hooks that are added before this one on. The counts are this
 * process's own, and hold nothing of any task.
 */
export async function limitRate(app: FastifyInstance, { perMinute, callerOf, networkOf }: RateLimit): Promise<void> {
  if (perMinute === 0) return;
  // Left to itself the plugin would count after all hooks of ours, and never see what they refuse.
  await app.register(rateLimiter, { global: false, max: perMinute, timeWindow: 60_000 });
  const byAddress = app.rateLimit({ keyGenerator: networkOf });
  const byCaller = app.rateLimit({ keyGenerator: (request) => JSON.stringify(callerOf(request)) });
  app.addHook('onRequest', async function (request, reply) {
    await (callerOf(request) === undefined ? byAddress : byCaller).call(this, request, reply);
  });
}

/**
 * Answers 503 while this process has as much in hand as it may, so that what it has accepted it finishes soon.
 * In hand is what has not been answered yet; a stream counts until it begins.
 *
 * @returns to be called where an answer begins that the framework does not send
 */
export function limitInHand(app: FastifyInstance, refuse: Refuse): (answer: ServerResponse) => void {
  const inHand = new Set<ServerResponse>();
  app.addHook('onRequest', async (_request, reply) => {
    if (inHand.size >= MOST_IN_HAND) return refuse(reply, OVERLOADED);
    inHand.add(reply.raw);
    reply.raw.once('close', () => inHand.delete(reply.raw));
  });
  const leaveHand = (answer: ServerResponse) => void inHand.delete(answer);
  app.addHook('onSend', async (_request, { raw }) => leaveHand(raw));
  return leaveHand;
}
