import { areClaims, type Claims, excessiveDepth, MAX_DEPTH, parseClaims } from './claims.ts';
import { StateTooLarge } from './errors.ts';
import { DEFAULT_MAX_LENGTH } from './format.ts';
import { sealLayers } from './jwe.ts';
import type { MintingKey } from './keys.ts';

export interface SealOptions {
  /**
   * Whether the claims may be compressed. Only for state that the client sees whole anyway: the length of a compressed
   * text tells of its content (RFC 8725 §3.6). They are where the handle becomes shorter by it. Default: false.
   */
  readonly compress?: boolean;
  /** Longest handle to make, in characters. Default: 8,192. */
  readonly maxLength?: number;
}

/**
 * Makes a handle: signs the claims, and encrypts both.
 *
 * @throws {StateTooLarge} `state_too_large`, where the handle would be too long
 * @throws {TypeError} where the claims are none, or the state is not JSON: a mistake in the calling code
 */
export async function seal(claims: Claims, key: MintingKey, options: SealOptions = {}): Promise<string> {
  const { compress = false, maxLength = DEFAULT_MAX_LENGTH } = options;
  if (!areClaims(claims)) throw new TypeError('seal: not a set of claims');

  const handle = await sealLayers(writeClaims(claims), key, compress);
  if (!(handle.length <= maxLength)) throw new StateTooLarge(handle.length, maxLength, 'characters');
  return handle;
}

const NOT_JSON = 'seal: the state is nothing that JSON has';

/** The payload. What it would be read as is looked at, and not what it was made of: JSON leaves out functions, and asks objects what they want to be. */
function writeClaims({ jti, kind, rev, iat, exp, prv, sub, aud, scp, st, ...surplus }: Claims): string {
  // A claim that is added to the type must be written here, too, or this does not compile.
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
    // The error of going round in circles names members of the state.
    throw new TypeError(NOT_JSON);
  }
}
