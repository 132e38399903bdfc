/** Handles. A handle is a signed and encrypted task state that a client carries. This module needs no API of Node. */
export { CLOCK_SKEW, type Claims, KIND, MAX_DEPTH, MAX_LIFETIME, MAX_RIGHTS } from './claims.ts';
export { descriptionOf, type HandleDescription, type HandleInfo, readHandleInfo, writeHandleInfo } from './description.ts';
export { fingerprint, type Principal, shortDigest, subjectClaim } from './digest.ts';
export {
  HandleError,
  type HandleErrorCode,
  HandleExpired,
  HandleForbids,
  HandleMalformed,
  HandleOfWrongKind,
  HandleRejected,
  type MalformedReason,
  type RejectionReason,
  StateTooLarge,
} from './errors.ts';
export {
  DEFAULT_MAX_LENGTH,
  type HandleParts,
  KID,
  MAX_PLAINTEXT_LENGTH,
  type ProtectedHeader,
  protectedHeader,
  readParts,
} from './format.ts';
export { type Attenuation, attenuate, type Birth, type IssuedHandle, issue, isWithin, type NextRevision, reissue } from './issue.ts';
export type { Awaitable, Encrypted, FindKey, MintingKey, OpeningKey } from './keys.ts';
export { isSuccessor, type Revision, succeeds } from './lineage.ts';
export { type AuthenticHandle, authenticate, type Expectations, type OpenHandle, open, type ReadState } from './open.ts';
export { type SealOptions, seal } from './seal.ts';
export { type StepName, stepOf, VERIFICATION_STEPS, type VerificationStep } from './steps.ts';
export { systemClock, utc } from './time.ts';
