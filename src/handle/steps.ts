/**
 * The steps of verification, in order (docs/handle-format.md, section 6). The code is in `format.ts`, `jwe.ts`,
 * `open.ts`.
 */
import {
  type HandleError,
  type HandleErrorCode,
  HandleMalformed,
  HandleRejected,
  type MalformedReason,
  type RejectionReason,
} from './errors.ts';
import { MAX_PLAINTEXT_LENGTH } from './format.ts';

interface Row {
  readonly name: string;
  /** The code of the error. */
  readonly code: HandleErrorCode;
  /** The possible values of the error's `reason`. Empty: the error has no `reason`. */
  readonly reasons: readonly (MalformedReason | RejectionReason)[];
  /** A sentence that is true of every handle that passes this step. */
  readonly claim: string;
}

/** The names of the steps. */
export type StepName = (typeof TABLE)[number]['name'];

/** One step of verification. */
export interface VerificationStep extends Row {
  /** The place in the order, from 1. */
  readonly number: number;
  readonly name: StepName;
}

const TABLE = [
  { name: 'Length', code: 'malformed', reasons: ['length'], claim: 'The handle is not empty, and not longer than the limit.' },
  {
    name: 'Grammar',
    code: 'malformed',
    reasons: ['grammar'],
    claim: 'The handle has five parts in canonical base64url, of the right lengths.',
  },
  { name: 'Header', code: 'malformed', reasons: ['header'], claim: 'The protected header has the spelling that the format demands.' },
  { name: 'Key', code: 'rejected', reasons: ['unknown_key'], claim: "The ring has the handle's key, and the key may open handles now." },
  { name: 'Decryption', code: 'rejected', reasons: ['decryption'], claim: 'AES-256-GCM opens the ciphertext.' },
  {
    name: 'Derived IV',
    code: 'rejected',
    reasons: ['iv'],
    claim:
      'The private key derives the IV of this handle. Only a holder of the private key checks this; an inspector checks the signature.',
  },
  {
    name: 'Inflation',
    code: 'rejected',
    reasons: ['inflation'],
    claim: `A compressed plaintext inflates to at most ${MAX_PLAINTEXT_LENGTH} bytes.`,
  },
  {
    name: 'Signature',
    code: 'rejected',
    reasons: ['signature'],
    claim: "The Ed25519 signature is valid under the public key of the handle's key ring entry. Only an inspector checks this.",
  },
  { name: 'Claims', code: 'rejected', reasons: ['claims'], claim: 'Every claim is known, and has the right type and size.' },
  {
    name: 'Issue',
    code: 'rejected',
    reasons: ['issued_in_future', 'issued_too_early'],
    claim: 'The handle was issued neither in the future nor before the earliest time that the deployment accepts.',
  },
  { name: 'Audience', code: 'rejected', reasons: ['audience'], claim: 'The handle is for this deployment.' },
  { name: 'Caller', code: 'rejected', reasons: ['subject'], claim: 'The handle is for this caller.' },
  { name: 'Revocation', code: 'rejected', reasons: ['revoked'], claim: "The ring revokes neither the handle's task nor its caller." },
  { name: 'Expiry', code: 'expired', reasons: [], claim: 'The handle has not expired.' },
  { name: 'Kind', code: 'wrong_kind', reasons: [], claim: 'The call accepts handles of this kind.' },
  { name: 'Rights', code: 'forbidden', reasons: [], claim: 'The handle has one of the rights that permit the call.' },
  { name: 'State', code: 'rejected', reasons: ['state'], claim: 'The state fits the schema of its kind.' },
] as const satisfies readonly Row[];

/** The seventeen steps of verification, in order. */
export const VERIFICATION_STEPS: readonly VerificationStep[] = TABLE.map((step, index) => ({ number: index + 1, ...step }));

/**
 * Finds the step of verification that an error comes from.
 *
 * @returns the step; undefined for `state_too_large`, which comes from sealing
 *
 * @example
 * ```ts
 * import { HandleError, stepOf } from 'waxseal/handle';
 *
 * const nameOfStep = (error: unknown) => (error instanceof HandleError ? stepOf(error)?.name : undefined);
 * ```
 */
export function stepOf(error: HandleError): VerificationStep | undefined {
  const reason = error instanceof HandleMalformed || error instanceof HandleRejected ? error.reason : undefined;
  return VERIFICATION_STEPS.find(
    ({ code, reasons }) => code === error.code && (reason === undefined ? reasons.length === 0 : reasons.includes(reason)),
  );
}
