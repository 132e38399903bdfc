/** Fetches the signing keys of an authorization server, and decides how long they are used. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/**
 * The longest time to wait for the keys, in milliseconds. The time is short, because a request that waits for the keys
 * counts among the requests in hand, and too many of these are an overload.
 */
const TIMEOUT_MS = 2_000;

/**
 * The age at which the keys are fetched again, in milliseconds. So a withdrawn key is accepted for at most ten minutes,
 * unless the fetch fails.
 */
const FRESH_MS = 600_000;

/** The age until which old keys are used if new keys cannot be fetched, in milliseconds. */
const KEPT_MS = 3_600_000;

/**
 * The shortest time between two fetches that unknown keys cause, and between a failed fetch and the next attempt to
 * renew old keys, in milliseconds.
 */
const PAUSE_MS = 5_000;

/** The keys could not be fetched, so nobody knows whether a token is valid. */
export class KeysUnavailable extends Error {}

/**
 * Makes a function that finds the key of a token. The function fetches the JWK Set when:
 *
 * - the first token arrives
 * - the set is old
 * - a token names an unknown key; at most once in five seconds, because anyone can send such tokens
 *
 * @param url the URL of the JWK Set
 * @returns a function for jose's `jwtVerify`. It throws {@link KeysUnavailable} if the keys cannot be fetched, and an
 *   error of jose if no key fits.
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
  // Concurrent requests share one fetch.
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

/** Tells whether the pause after a moment is over. @param moment milliseconds since 1970 */
function isOver(moment: number): boolean {
  return Date.now() - moment >= PAUSE_MS;
}

async function fetchKeys(url: URL): Promise<JWTVerifyGetKey> {
  // The metadata contain the exact URL, so a redirect is not followed.
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) throw new KeysUnavailable();
  return createLocalJWKSet(await response.json());
}
