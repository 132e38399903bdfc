/**
 * Pairs the requests and the answers of JSON-RPC in each log. An answer cannot come before its request, so in a log
 * without times the pairs show whether the log begins with its newest line.
 */

import type { MessageRead } from '../uses.ts';
import type { Source } from './order.ts';

const MOST_MESSAGES = 4096;

/** The first message with an id, and the digest of the message that pairs with it. */
interface Pair {
  readonly digest: string;
  readonly isAnswer: boolean;
  other?: string;
}

/** Returns a function that notes a message of a log. Messages must be noted in the order of the lines. */
export function createPairs(): (source: Source, message: MessageRead, isAnswer: boolean) => void {
  const pairs = new Map<string, Pair>();
  return (source, { id, digest }, isAnswer) => {
    const name = `${source.index} ${id}`;
    const pair = pairs.get(name);
    if (pair === undefined) {
      pairs.set(name, { digest, isAnswer });
      const [oldest] = pairs.keys();
      if (pairs.size > MOST_MESSAGES && oldest !== undefined) pairs.delete(oldest);
    } else if (digest === pair.digest || digest === pair.other) return;
    else if (pair.other !== undefined || pair.isAnswer === isAnswer) source.hasSharedIds = true;
    else {
      pair.other = digest;
      source[isAnswer ? 'requestsFirst' : 'answersFirst'] += 1;
    }
  };
}
