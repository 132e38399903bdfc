/** What a handle needs of a key ring. The ring itself, and the clock that governs it, live in `keys/`. */

/** The pair named by one `kid`, as far as opening needs it. */
export interface OpeningKey {
  readonly kid: string;
  /** AES-256-GCM. */
  readonly secret: CryptoKey;
  /** Ed25519, public. */
  readonly verification: CryptoKey;
}

/** The pair that new handles are made with. */
export interface MintingKey extends OpeningKey {
  /** Ed25519, private. */
  readonly signing: CryptoKey;
}

/** Finds the pair that may open a handle now; undefined for unknown, revoked and bygone ones. */
export type FindKey = (kid: string) => OpeningKey | undefined;
