/** Fetches the signing keys of an authorization server, and decides how long to use them. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** How long to wait for the keys. Meanwhile the caller waits, and takes up one of the server's concurrent requests. Milliseconds. */
const TIMEOUT_MS = 2_000;

/** The age at which keys are fetched again, so that a withdrawn key stops being accepted. Milliseconds (10 min). */
const FRESH_MS = 600_000;

/** The age up to which keys are used if newer ones cannot be fetched. Milliseconds (1 h). */
const KEPT_MS = 3_600_000;

/** The pause between two fetches for an unknown key, and after a failed fetch while older keys are still usable. Milliseconds. */
const PAUSE_MS = 5_000;

/** The keys could not be fetched, so it is unknown whether a token's key is valid. */
export class KeysUnavailable extends Error {}

/**
 * Makes a function that finds the key of a token in the JWK Set of an authorization server. It fetches the set at the
 * first token, again when the set is old, and again at once for a token with an unknown key. After such a fetch it
 * pauses, because anyone can send tokens that name unknown keys.
 *
 * @param url the URL of the JWK Set
 * @returns a function for `jwtVerify`. It throws {@link KeysUnavailable} if the keys cannot be fetched, and jose's error if
 * no key fits
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
  // Requests during a fetch wait for the same fetch.
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
  // Redirects are not followed, because the metadata name the URL of the keys.
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) throw new KeysUnavailable();
  return createLocalJWKSet(await response.json());
}
