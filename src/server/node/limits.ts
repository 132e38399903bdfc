import type { ServerResponse } from 'node:http';
import rateLimiter from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { OVERLOADED, refusalOf } from '../app/refusals.ts';
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

/** More than these in one batch are refused by the protocol layer, whatever they are. */
const MOST_COUNTED = 100;

/**
 * Answers 429 to a caller that asks too much, from the hooks that are added before this one on. Each message of a batch
 * counts: as a batch they cost what they cost one by one. The counts are this process's own, and hold nothing of any task.
 */
export async function limitRate(app: FastifyInstance, { perMinute, callerOf, networkOf }: RateLimit, refuse: Refuse): Promise<void> {
  if (perMinute === 0) return;
  await app.register(rateLimiter, { global: false, max: perMinute, timeWindow: 60_000 });
  // Each has a count of its own, so that nobody in particular cannot push out what is known of a caller.
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
  // The first was counted before the body was read.
  app.addHook('preHandler', async (request, reply) => {
    const others = Array.isArray(request.body) ? Math.min(request.body.length, MOST_COUNTED) - 1 : 0;
    for (let counted = 0; counted < others; counted += 1) {
      if (await count(request, reply)) return refuse(reply, refusalOf(429));
    }
  });
}

/** The requests that have not been answered yet; a stream counts until it begins. */
export type Hand = Set<ServerResponse>;

/**
 * Answers 503 while this process has as much in hand as it may, so that what it has accepted it finishes soon.
 *
 * @returns to be called where an answer begins that the framework does not send
 */
export function limitInHand(app: FastifyInstance, hand: Hand, refuse: Refuse): (answer: ServerResponse) => void {
  app.addHook('onRequest', async (_request, reply) => {
    if (hand.size >= MOST_IN_HAND) return refuse(reply, OVERLOADED);
    hand.add(reply.raw);
    reply.raw.once('close', () => hand.delete(reply.raw));
  });
  const leaveHand = (answer: ServerResponse) => void hand.delete(answer);
  app.addHook('onSend', async (_request, { raw }) => leaveHand(raw));
  return leaveHand;
}
