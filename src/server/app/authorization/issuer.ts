/** What this server knows of the authorization server: its metadata and its signing keys, and how long they are used. */
import { documentAt, IssuerUnavailable } from './issuer-document.ts';
import { type IssuerMetadata, issuerMetadata } from './issuer-metadata.ts';
import { isPauseOver, kept, within } from './kept.ts';
import { type FindKeys, keySetOf } from './key-set.ts';

/** The longest time to wait for the JWK Set, in milliseconds. Requests do not wait as long, but the fetch goes on. */
const TIMEOUT_MS = 10_000;

/**
 * The age at which the keys are fetched again, in milliseconds. So a withdrawn key is accepted for at most ten minutes,
 * unless the fetch fails or is slow.
 */
const FRESH_MS = 600_000;

/** The age until which old keys are used if new keys cannot be fetched, in milliseconds. */
const KEPT_MS = 3_600_000;

/** The longest time for which a request that could use old keys waits for new ones, in milliseconds. */
const RENEWAL_MS = 1_000;

/** The shortest time between two attempts to fetch the keys if none are held, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * How many requests with an unknown key wait for new keys at one time. Anyone can send such requests, and each takes the
 * place of another request.
 */
const MOST_WAITING = 8;

/** The authorization server. Each method throws {@link IssuerUnavailable} if the server cannot be asked now. */
export interface Issuer {
  /** Returns the metadata. @throws {ConfigError} the authorization server answers, and has no usable metadata */
  metadata(): Promise<IssuerMetadata>;
  /** Returns the signing keys. */
  keys(): Promise<FindKeys>;
  /**
   * Fetches the keys again, because no known key fits a token. Anyone can send such tokens, so the keys are fetched at
   * most once in five seconds.
   *
   * @returns undefined if the known keys are new enough
   */
  newKeys(): Promise<FindKeys | undefined>;
}

/** @param onFailure called for each fetch that fails */
export function issuerNamed(name: string, onFailure: (error: Error) => void): Issuer {
  const metadata = kept(() => issuerMetadata(name), onFailure);
  const keys = kept(() => fetchKeys(), onFailure);
  let searchedAt: number | undefined;
  let waiting = 0;

  const knownMetadata = async () => {
    const [held, failed] = [metadata.held(), metadata.failed()];
    // If the keys cannot be fetched, the authorization server may have moved them, and named the new place in its metadata.
    const isCurrent = held !== undefined && (keys.failed()?.at ?? 0) < held.at;
    if (isCurrent) return held.value;
    if (held === undefined && failed !== undefined && !metadata.isFetching() && !isPauseOver(failed.at)) throw failed.error;
    if (held !== undefined && !isPauseOver(Math.max(held.at, failed?.at ?? 0))) return held.value;
    return metadata.fetch().catch((error) => {
      if (held === undefined) throw error;
      return held.value;
    });
  };
  const fetchKeys = async () => {
    // Wrong metadata are a defect of the configuration, but say as little about a token as missing ones.
    const { jwks_uri: url } = await knownMetadata().catch((error) => {
      throw new IssuerUnavailable((error as Error).message);
    });
    const { status, document } = await documentAt(url, TIMEOUT_MS).catch((error) => {
      throw keysUnavailable((error as Error).message);
    });
    if (status !== 200) throw keysUnavailable(`${url}: the response is ${status || 'a redirect'}`);
    const found = document === undefined ? 'the response is not JSON' : await keySetOf(document);
    if (typeof found === 'string') throw keysUnavailable(`${url}: ${found}`);
    return found;
  };

  return {
    metadata: knownMetadata,
    keys: async () => {
      const held = keys.held();
      const age = held === undefined ? KEPT_MS : Date.now() - held.at;
      if (held === undefined || age >= KEPT_MS) {
        const failed = keys.failed();
        if (failed !== undefined && !keys.isFetching() && !isPauseOver(failed.at, RETRY_MS)) throw failed.error;
        return keys.fetch();
      }
      const isDue = age >= FRESH_MS && isPauseOver(keys.failed()?.at) && !keys.isFetching();
      return isDue ? within(RENEWAL_MS, keys.fetch(), () => new IssuerUnavailable()).catch(() => held.value) : held.value;
    },
    newKeys: async () => {
      if (!keys.isFetching() && !isPauseOver(searchedAt)) {
        const failed = keys.failed();
        if (failed !== undefined && failed.at > (keys.held()?.at ?? 0)) throw failed.error;
        return undefined;
      }
      if (waiting >= MOST_WAITING) throw new IssuerUnavailable();
      if (!keys.isFetching()) searchedAt = Date.now();
      waiting += 1;
      return keys.fetch().finally(() => {
        waiting -= 1;
      });
    },
  };
}

function keysUnavailable(cause: string): IssuerUnavailable {
  return new IssuerUnavailable(`The keys of the authorization server cannot be fetched now. ${cause}`);
}
