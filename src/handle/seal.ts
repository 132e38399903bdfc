import { areClaims, type Claims, excessiveDepth, MAX_DEPTH, parseClaims } from './claims.ts';
import { StateTooLarge } from './errors.ts';
import { DEFAULT_MAX_LENGTH } from './format.ts';
import { sealLayers } from './jwe.ts';
import type { MintingKey } from './keys.ts';

/** Options for making a handle. */
export interface SealOptions {
  /**
   * Whether to compress the claims where that shortens the handle. Default: false. Allow it only if the client may see
   * the whole state: the length of compressed text reveals something about the text (RFC 8725 §3.6).
   */
  readonly compress?: boolean;
  /** The longest handle to make, in characters. Default: 8,192. */
  readonly maxLength?: number;
}

/**
 * Makes a handle: signs the claims, then encrypts the signature and the claims. Most programs call `issue` or `reissue`
 * instead, which also set the claims.
 *
 * @returns the handle: a JWE in compact serialization (RFC 7516 §7.1)
 * @throws {StateTooLarge} `state_too_large`: the handle would be too long, or the state nests too deep
 * @throws {TypeError} if a claim is invalid, or the state is not JSON: the calling code is wrong
 *
 * @example
 * ```ts
 * import { type Claims, type MintingKey, seal } from 'waxseal/handle';
 *
 * const sealShort = (claims: Claims, key: MintingKey) => seal(claims, key, { compress: true, maxLength: 4_096 });
 * ```
 */
export async function seal(claims: Claims, key: MintingKey, options: SealOptions = {}): Promise<string> {
  const { compress = false, maxLength = DEFAULT_MAX_LENGTH } = options;
  if (!areClaims(claims)) throw new TypeError('seal: the claims are invalid: a member is missing, unknown, or of the wrong type or size');

  const handle = await sealLayers(writeClaims(claims), key, compress);
  if (!(handle.length <= maxLength)) throw new StateTooLarge(handle.length, maxLength, 'characters');
  return handle;
}

const NOT_JSON = 'seal: the state is not a JSON value';

/**
 * Writes the claims as JSON, and checks this JSON instead of the claims. The two can differ, because `JSON.stringify`
 * leaves out functions and calls `toJSON` methods.
 */
function writeClaims({ jti, kind, rev, iat, exp, prv, sub, aud, scp, st, ...surplus }: Claims): string {
  // This line does not compile if the type has a claim that this function does not write.
  surplus satisfies Record<string, never>;
  const text = written({ jti, kind, rev, iat, exp, prv, sub, aud, scp: scp && [...scp], st });
  const depth = excessiveDepth(text);
  if (depth !== undefined) throw new StateTooLarge(depth, MAX_DEPTH, 'levels');
  if (parseClaims(text) === undefined) throw new TypeError(NOT_JSON);
  return text;
}

function written(payload: object): string {
  try {
    return JSON.stringify(payload);
  } catch (error) {
    if (error instanceof RangeError) throw new StateTooLarge(Number.POSITIVE_INFINITY, MAX_DEPTH, 'levels');
    // The message of JSON.stringify may name members of the state, which may be secret.
    throw new TypeError(NOT_JSON);
  }
}
