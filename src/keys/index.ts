/**
 * Key rings. A ring is a JWK Set (RFC 7517) with pairs of keys. The clock decides what each pair may do. This module
 * needs no API of Node. For rings in files, see `node/ring-file.ts`.
 */
export { lifeOf, publicKeys, type Rotation, revoke, rotate, withoutSigning } from './change.ts';
export { parseDelivered, unwrappedRing } from './delivered.ts';
export { type JwkPair, parseDocument, type RingContents, type RingDocument, type SecretJwk, type SigningJwk } from './document.ts';
export { RingError } from './errors.ts';
export { DEFAULT_KEY_LIFETIME, generatePair, generateRing, type KeyValidity, toDocument, toText } from './generate.ts';
export { budgetUsed, type KeyLife, type KeyState, keyStateAt, mintsUntil, needsSuccessor } from './life.ts';
export {
  isRevoked,
  lastExpiry,
  MAX_REVOCATIONS,
  type Revocations,
  type RevocationsDocument,
  type Revoked,
  withoutForgotten,
  withRevocation,
} from './revocations.ts';
export { mintingEntry, mintingKey, openingKey, parseRing, type Ring, type RingEntry, requireMinting } from './ring.ts';
