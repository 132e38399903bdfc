/** Fetches the signing keys of an authorization server, and decides how long the fetched keys are used. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/**
 * The longest time to wait for the keys, in milliseconds. This limit is low, because a request that waits for the keys
 * takes one of the places in the server's queue.
 */
const TIMEOUT_MS = 2_000;

/** The age at which the keys are fetched again, so that a withdrawn key is no longer accepted: ten minutes, in milliseconds. */
const FRESH_MS = 600_000;

/** The age until which the keys are used if newer keys cannot be fetched: one hour, in milliseconds. */
const KEPT_MS = 3_600_000;

/**
 * The shortest pause between two fetches for unknown keys, in milliseconds. The same pause follows a failed fetch while older
 * keys can still be used.
 */
const PAUSE_MS = 5_000;

/** The error for keys that could not be fetched. The server then does not know whether the key of a token is valid. */
export class KeysUnavailable extends Error {}

/**
 * Makes a function that finds the key of a token in the JWK Set of an authorization server. The function fetches the set when
 * the first token arrives, when the set is old, and when a token names an unknown key. It fetches at most once in five seconds
 * for unknown keys, because anyone can send tokens that name unknown keys.
 *
 * @param url the URL of the JWK Set
 * @returns a function for `jwtVerify` of the library jose. It throws {@link KeysUnavailable} if the keys cannot be fetched, and
 *   an error of jose if no key fits the token
 */
export function issuerKeys(url: URL): JWTVerifyGetKey {
  let held: { readonly find: JWTVerifyGetKey; readonly at: number } | undefined;
  let fetching: Promise<void> | undefined;
  let [failedAt, searchedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];

  const fetchNow = async () => {
    try {
      held = { find: await fetchKeys(url), at: Date.now() };
    } catch {
      failedAt = Date.now();
      throw new KeysUnavailable();
    }
  };
  // If a fetch is under way, other requests wait for this fetch and do not begin another.
  const refresh = () => {
    fetching ??= fetchNow().finally(() => {
      fetching = undefined;
    });
    return fetching;
  };
  const believed = async () => {
    const age = held === undefined ? KEPT_MS : Date.now() - held.at;
    if (age >= KEPT_MS) await refresh();
    else if (age >= FRESH_MS && isOver(failedAt)) await refresh().catch(() => {});
    return (held as NonNullable<typeof held>).find;
  };

  return async (header, token) => {
    const find = await believed();
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (fetching === undefined && !isOver(searchedAt)) throw failedAt > (held?.at ?? 0) ? new KeysUnavailable() : error;
      searchedAt = Date.now();
      await refresh();
      return (await believed())(header, token);
    }
  };
}

/** Tells whether {@link PAUSE_MS} have passed since a moment. @param moment milliseconds since 1970 */
function isOver(moment: number): boolean {
  return Date.now() - moment >= PAUSE_MS;
}

async function fetchKeys(url: URL): Promise<JWTVerifyGetKey> {
  // The metadata contain the exact URL of the keys, so there is no reason to follow a redirect.
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) throw new KeysUnavailable();
  return createLocalJWKSet(await response.json());
}
