/** The keys that an authorization server signs with, as they are now, and for how long they are believed. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';

/** How long an answer is waited for: whoever shows a token waits meanwhile, and has a place among the requests in hand. Milliseconds. */
const TIMEOUT_MS = 2_000;

/** How old keys may be before they are fetched again: a key that was withdrawn is believed no longer. Milliseconds (10 min). */
const FRESH_MS = 600_000;

/** How old keys may be while no newer ones can be had. Milliseconds (1 h). */
const KEPT_MS = 3_600_000;

/** How often a key that is not known is looked for, and how often a server that fails is asked while older keys do. Milliseconds. */
const PAUSE_MS = 5_000;

/** Whether a key is good could not be found out, which is not to say that it is not. */
export class KeysUnavailable extends Error {}

/**
 * Finds the key that a token names among those of an authorization server. They are fetched when they are first
 * needed; then when they are old; and for a key that is not among them: at once, and then not again for a pause,
 * since anybody can name keys that there are not.
 *
 * @param url where the JWK Set is
 * @returns for `jwtVerify`; throws {@link KeysUnavailable} where the keys cannot be had, and what jose throws where
 *   they can and none fits
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
  // Whoever asks while an answer is on its way waits for that one.
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

/** Whether the pause after a moment is over. */
function isOver(moment: number): boolean {
  return Date.now() - moment >= PAUSE_MS;
}

async function fetchKeys(url: URL): Promise<JWTVerifyGetKey> {
  // What answers with a redirection is not asked further: the metadata say where the keys are.
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) throw new KeysUnavailable();
  return createLocalJWKSet(await response.json());
}
