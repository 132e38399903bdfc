import { systemClock } from '../../handle/index.ts';
import { parseDelivered, parseDocument, type Ring, unwrappedRing } from '../../keys/index.ts';
import type { Environment } from '../environment.ts';

/**
 * Where a codec gets its ring. Pass either `keys`, beside any members of an {@link Environment} except `ring`, or a whole
 * `environment`. `keys` is the ring's text, or a function that returns the text. The codec calls the function for the first
 * state that it seals or opens, and calls it again only after a failure.
 */
export type CodecKeys =
  | ({ readonly keys: string | undefined | (() => string | Promise<string>) } & Partial<Omit<Environment, 'ring'>>)
  | { readonly environment: Environment };

/**
 * Returns a function that waits for the ring and then gives the environment.
 *
 * @throws {RingError} `invalid_ring`: `keys` is neither a function nor the text of a ring. The error comes at once, and not
 *   only when the server asks the first client a question.
 */
export function environmentFrom(options: CodecKeys): () => Promise<Environment> {
  if ('environment' in options) return async () => options.environment;
  const { keys, now = systemClock, ...rest } = options;
  if (typeof keys !== 'function') parseDocument(keys === undefined ? (keys as never) : unwrappedRing(keys));
  let reading: Promise<Ring> | undefined;
  const ringOf = () => {
    reading ??= (async () => parseDelivered(typeof keys === 'function' ? await keys() : (keys as string)))();
    // After a failure the next state asks for the ring again.
    reading.catch(() => {
      reading = undefined;
    });
    return reading;
  };
  return async () => {
    const ring = await ringOf();
    return { ...rest, ring: () => ring, now };
  };
}
