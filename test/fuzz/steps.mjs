/** The steps of section 6 of docs/handle-format.md, each with the answer if it fails. */
export const STEPS = [
  ['string and length', 'malformed', 'length'],
  ['grammar, canonical', 'malformed', 'grammar'],
  ['outer header', 'malformed', 'header'],
  ['key', 'rejected', 'unknown_key'],
  ['decryption', 'rejected', 'decryption'],
  ['IV', 'rejected', 'iv'],
  ['inflation', 'rejected', 'inflation'],
  ['signature', 'rejected', 'signature'],
  ['claims', 'rejected', 'claims'],
  ['iat', 'rejected', 'issued_in_future', 'issued_too_early'],
  ['aud', 'rejected', 'audience'],
  ['sub', 'rejected', 'subject'],
  ['revocations', 'rejected', 'revoked'],
  ['exp', 'expired'],
  ['kind', 'wrong_kind'],
  ['scp', 'forbidden'],
  ['state', 'rejected', 'state'],
].map(([name, code, ...reasons], index) => ({ number: index + 1, name, code, reasons }));

/** The number after the last step means that the handle opens. */
export const OPENED = STEPS.length + 1;

/** Only a replica checks the IV, and only an inspector checks the signature. */
export const IV_STEP = 6;
export const SIGNATURE_STEP = 8;

/** The last step of inspection. Later steps compare the claims with the call. */
export const CLAIMS_STEP = 9;

export const PROCEDURES = ['replica', 'inspector'];

/** Tells whether a procedure has a step. */
export function takes(procedure, number) {
  return number !== (procedure === 'replica' ? SIGNATURE_STEP : IV_STEP);
}

/** The steps that may throw an error; empty if opening a handle must never throw it. */
export function stepsOf({ code, reason }) {
  const throws = (step) => step.code === code && (reason === undefined ? step.reasons.length === 0 : step.reasons.includes(reason));
  return STEPS.filter(throws).map(({ number }) => number);
}
