import { systemClock } from '../../handle/index.ts';
import { parseDelivered, parseDocument, type Ring, unwrappedRing } from '../../keys/index.ts';
import type { Environment } from '../environment.ts';

/**
 * Where a codec gets its key ring:
 *
 * - `environment`: a whole {@link Environment}.
 * - `keys`: the text of the ring, or a function that returns the text. Any members of an {@link Environment} except
 *   `ring` may stand beside `keys`.
 *
 * The codec calls the function for its first state. If the call fails, the codec calls the function again for the next
 * state.
 */
export type CodecKeys =
  | ({ readonly keys: string | undefined | (() => string | Promise<string>) } & Partial<Omit<Environment, 'ring'>>)
  | { readonly environment: Environment };

/**
 * Returns a function that waits for the ring and returns the environment.
 *
 * @throws {RingError} `invalid_ring`: `keys` is neither a function nor the text of a ring. The author gets this error
 *   at once, and not only when a tool asks its first question.
 */
export function environmentFrom(options: CodecKeys): () => Promise<Environment> {
  if ('environment' in options) return async () => options.environment;
  const { keys, now = systemClock, ...rest } = options;
  if (typeof keys !== 'function') parseDocument(keys === undefined ? (keys as never) : unwrappedRing(keys));
  let reading: Promise<Ring> | undefined;
  const ringOf = () => {
    reading ??= (async () => parseDelivered(typeof keys === 'function' ? await keys() : (keys as string)))();
    // A failure is forgotten, so that the next state asks for the ring again.
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
