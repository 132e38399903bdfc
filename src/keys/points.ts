/** Finds weak Ed25519 public keys. A valid signature under a weak key proves nothing. */

/** The order of the field, 2^255 - 19. Every coordinate is less than this (RFC 8032 §5.1). */
const FIELD = 2n ** 255n - 19n;

/**
 * The y-coordinates of the eight points of small order. Points with opposite x share a y, so there are five y. Under
 * such a public key, anyone can make signatures that are valid for every message, or for at least one in eight.
 */
const SMALL_ORDER = new Set([
  0n,
  1n,
  FIELD - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
]);

/**
 * Tells whether an Ed25519 public key has small order, or is not encoded canonically (RFC 8032 §5.1.3).
 *
 * @param x the 32 bytes of a JWK's member `x`: the y-coordinate, lowest byte first. The highest bit is the sign of the
 *   x-coordinate.
 */
export function isWeakPoint(x: Uint8Array): boolean {
  const number = x.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const y = number & (2n ** 255n - 1n);
  return y >= FIELD || SMALL_ORDER.has(y);
}
