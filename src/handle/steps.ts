/**
 * The order of verification (docs/handle-format.md, section 6), as data: what must hold at each step, and with which
 * answer a handle is refused there. The verifier itself is `format.ts`, `jwe.ts` and `open.ts`, read in this order.
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
  readonly code: HandleErrorCode;
  /** The reasons of that code which are found here. Empty: the code has no reasons. */
  readonly reasons: readonly (MalformedReason | RejectionReason)[];
  /** What must hold, in words. */
  readonly claim: string;
}

export type StepName = (typeof TABLE)[number]['name'];

export interface VerificationStep extends Row {
  /** From 1. */
  readonly number: number;
  readonly name: StepName;
}

const TABLE = [
  { name: 'Length', code: 'malformed', reasons: ['length'], claim: 'It is not empty, and not longer than the limit.' },
  {
    name: 'Grammar',
    code: 'malformed',
    reasons: ['grammar'],
    claim: 'It has five parts in canonical base64url, of the right lengths.',
  },
  { name: 'Header', code: 'malformed', reasons: ['header'], claim: 'The protected header is spelled as the format has it.' },
  { name: 'Key', code: 'rejected', reasons: ['unknown_key'], claim: 'The ring has its key, which may open at this moment.' },
  { name: 'Decryption', code: 'rejected', reasons: ['decryption'], claim: 'AES-256-GCM opens the ciphertext.' },
  {
    name: 'Derived IV',
    code: 'rejected',
    reasons: ['iv'],
    claim: 'The IV is the one that the private key derives. Only a full ring can tell; an inspector looks at the signature.',
  },
  {
    name: 'Inflation',
    code: 'rejected',
    reasons: ['inflation'],
    claim: `What is compressed inflates, to at most ${MAX_PLAINTEXT_LENGTH} bytes.`,
  },
  {
    name: 'Signature',
    code: 'rejected',
    reasons: ['signature'],
    claim: 'The Ed25519 signature is by the same entry of the ring. Only an inspector looks at it.',
  },
  { name: 'Claims', code: 'rejected', reasons: ['claims'], claim: 'The claims are of their types and sizes, and none is unknown.' },
  {
    name: 'Issue',
    code: 'rejected',
    reasons: ['issued_in_future', 'issued_too_early'],
    claim: 'It was not issued in the future, nor before what the deployment accepts.',
  },
  { name: 'Audience', code: 'rejected', reasons: ['audience'], claim: 'It is for this deployment.' },
  { name: 'Caller', code: 'rejected', reasons: ['subject'], claim: 'It is for this caller.' },
  { name: 'Revocation', code: 'rejected', reasons: ['revoked'], claim: 'The ring revokes neither its task nor its caller.' },
  { name: 'Expiry', code: 'expired', reasons: [], claim: 'It has not expired.' },
  { name: 'Kind', code: 'wrong_kind', reasons: [], claim: 'The call takes handles of its kind.' },
  { name: 'Rights', code: 'forbidden', reasons: [], claim: 'It has one of the rights that the call needs.' },
  { name: 'State', code: 'rejected', reasons: ['state'], claim: 'The state fits the schema of its kind.' },
] as const satisfies readonly Row[];

/** All seventeen, in order. */
export const VERIFICATION_STEPS: readonly VerificationStep[] = TABLE.map((step, index) => ({ number: index + 1, ...step }));

/** The step at which the verifier threw an error; undefined for one that opening a handle does not throw. */
export function stepOf(error: HandleError): VerificationStep | undefined {
  const reason = error instanceof HandleMalformed || error instanceof HandleRejected ? error.reason : undefined;
  return VERIFICATION_STEPS.find(
    ({ code, reasons }) => code === error.code && (reason === undefined ? reasons.length === 0 : reasons.includes(reason)),
  );
}
