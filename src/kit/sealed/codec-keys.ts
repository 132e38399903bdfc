import { systemClock } from '../../handle/index.ts';
import { parseDelivered, parseDocument, type Ring, unwrappedRing } from '../../keys/index.ts';
import type { Environment } from '../environment.ts';

/** A ring's text (or where it is had; it is read once) with what else there is to say of a deployment; or an environment that has all. */
export type CodecKeys =
  | ({ readonly keys: string | undefined | (() => string | Promise<string>) } & Partial<Omit<Environment, 'ring'>>)
  | { readonly environment: Environment };

/**
 * The environment, as soon as its ring is there.
 *
 * @throws {RingError} where the ring is a text that is none: at once, and not when the first client is to be asked
 */
export function environmentFrom(options: CodecKeys): () => Promise<Environment> {
  if ('environment' in options) return async () => options.environment;
  const { keys, now = systemClock, ...rest } = options;
  if (typeof keys !== 'function') parseDocument(keys === undefined ? (keys as never) : unwrappedRing(keys));
  let reading: Promise<Ring> | undefined;
  const ringOf = () => {
    reading ??= (async () => parseDelivered(typeof keys === 'function' ? await keys() : (keys as string)))();
    // What could not be had is asked for again.
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
