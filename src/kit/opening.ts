import { type Expectations, type OpenHandle, open } from '../handle/index.ts';
import { openingKey } from '../keys/index.ts';
import type { Environment } from './environment.ts';

/** What of a handle's expectations is one call's, and not the deployment's. */
type OfTheCall<State> = Pick<Expectations<State>, 'now' | 'subject' | 'kinds' | 'needs'>;

/** Opens a handle, or what else is sealed in that format, as this deployment takes them. @throws {HandleError} */
export function openIn<State>(environment: Environment, handle: unknown, call: OfTheCall<State>): Promise<OpenHandle<State>> {
  const ring = environment.ring();
  const { notBefore, audience, maxLength } = environment;
  return open(handle, { ...call, findKey: (kid) => openingKey(ring, kid, call.now), notBefore, audience, maxLength });
}
