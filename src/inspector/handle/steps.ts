/** The order of verification (docs/handle-format.md, section 6), in words, and which answer of the verifier belongs to which step. */
import { type HandleError, HandleMalformed, HandleRejected, MAX_PLAINTEXT_LENGTH, type RejectionReason } from '../../handle/index.ts';

/** One step. */
export interface Step {
  readonly name: string;
  /** What must hold. */
  readonly claim: string;
  /** The answers of the verifier that come from here: codes, and reasons of `rejected`. */
  readonly answers: readonly string[];
}

/** All seventeen, in order. */
export const STEPS: readonly Step[] = [
  { name: 'Length', claim: 'It is not empty, and not longer than the limit.', answers: [] },
  { name: 'Grammar', claim: 'It has five parts in canonical base64url, of the right lengths.', answers: [] },
  { name: 'Header', claim: 'The protected header is spelled as the format has it.', answers: [] },
  { name: 'Key', claim: 'The ring has its key, which may open at this moment.', answers: ['unknown_key'] },
  { name: 'Decryption', claim: 'AES-256-GCM opens the ciphertext.', answers: ['decryption'] },
  { name: 'Derived IV', claim: 'The IV is the one that the signing key derives. Only a full ring can tell.', answers: ['iv'] },
  { name: 'Inflation', claim: `What is compressed inflates, to at most ${MAX_PLAINTEXT_LENGTH} bytes.`, answers: ['inflation'] },
  { name: 'Signature', claim: 'The Ed25519 signature is by the same entry of the ring.', answers: ['signature'] },
  { name: 'Claims', claim: 'The claims are of their types and sizes, and none is unknown.', answers: ['claims'] },
  {
    name: 'Issue',
    claim: 'It was not issued in the future, nor before what the deployment accepts.',
    answers: ['issued_in_future', 'issued_too_early'],
  },
  { name: 'Audience', claim: 'It is for this deployment.', answers: ['audience'] },
  { name: 'Caller', claim: 'It is for this caller.', answers: ['subject'] },
  { name: 'Revocation', claim: 'The ring revokes neither its task nor its caller.', answers: ['revoked'] },
  { name: 'Expiry', claim: 'It has not expired.', answers: ['expired'] },
  { name: 'Kind', claim: 'The call takes handles of its kind.', answers: ['wrong_kind'] },
  { name: 'Rights', claim: 'It has one of the rights that the call needs.', answers: ['forbidden'] },
  { name: 'State', claim: 'The state fits the schema of its kind.', answers: ['state'] },
];

/** Numbers of steps that are spoken of elsewhere, from 1. */
export const HEADER = 3;
export const AUDIENCE = 11;
export const CALLER = 12;
export const KIND = 15;
export const RIGHTS = 16;
export const STATE = 17;

/** At which step, from 1, the verifier answered so. */
export function stepOf(error: HandleError): number {
  if (error instanceof HandleMalformed) return formStepOf(error);
  const answer: RejectionReason | HandleError['code'] = error instanceof HandleRejected ? error.reason : error.code;
  return STEPS.findIndex(({ answers }) => answers.includes(answer)) + 1;
}

/** What is malformed has no reason beside its message. The test vectors hold this to the steps of the specification. */
function formStepOf({ message }: HandleMalformed): number {
  if (/^The handle is empty|^The handle has \d+ characters; at most/.test(message)) return 1;
  return message.startsWith('The first part is not the protected header') ? HEADER : 2;
}
