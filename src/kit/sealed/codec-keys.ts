import { systemClock } from '../../handle/index.ts';
import { parseDelivered, parseDocument, type Ring, unwrappedRing } from '../../keys/index.ts';
import type { Environment } from '../environment.ts';

/**
 * The source of a codec's key ring. Pass either a whole `environment`, or `keys` together with any members of an
 * {@link Environment} except `ring`. The value of `keys` is the text of the ring, or a function that returns the text. The
 * codec calls this function when the codec seals or opens its first state. If the call fails, the codec calls the function
 * again at the next state.
 */
export type CodecKeys =
  | ({ readonly keys: string | undefined | (() => string | Promise<string>) } & Partial<Omit<Environment, 'ring'>>)
  | { readonly environment: Environment };

/**
 * Returns a function that waits for the ring and then returns the environment.
 *
 * @throws {RingError} `invalid_ring`: `keys` is neither a function nor the text of a ring. The error is thrown at once, so that
 *   the author notices the mistake before the server asks its first question.
 */
export function environmentFrom(options: CodecKeys): () => Promise<Environment> {
  if ('environment' in options) return async () => options.environment;
  const { keys, now = systemClock, ...rest } = options;
  if (typeof keys !== 'function') parseDocument(keys === undefined ? (keys as never) : unwrappedRing(keys));
  let reading: Promise<Ring> | undefined;
  const ringOf = () => {
    reading ??= (async () => parseDelivered(typeof keys === 'function' ? await keys() : (keys as string)))();
    // If the ring could not be read, forget the failure, so that the codec asks for the ring again at the next state.
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
