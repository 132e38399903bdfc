/** The steps of section 6 of docs/handle-format.md, each with the answer if the step fails. */
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

/** The number after the last step, which means that the handle opens. */
export const OPENED = STEPS.length + 1;

/** The steps that only one procedure has: a replica checks the IV, and an inspector checks the signature. */
export const IV_STEP = 6;
export const SIGNATURE_STEP = 8;

/** The last step of inspection. The later steps compare the claims with the call. */
export const CLAIMS_STEP = 9;

export const PROCEDURES = ['replica', 'inspector'];

/** Tells whether a procedure has a step. */
export function takes(procedure, number) {
  return number !== (procedure === 'replica' ? SIGNATURE_STEP : IV_STEP);
}

/** Returns the steps that may throw an error. The list is empty if opening a handle must never throw this error. */
export function stepsOf({ code, reason }) {
  const throws = (step) => step.code === code && (reason === undefined ? step.reasons.length === 0 : step.reasons.includes(reason));
  return STEPS.filter(throws).map(({ number }) => number);
}
