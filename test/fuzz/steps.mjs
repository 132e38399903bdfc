/** The steps of section 6 of docs/handle-format.md, and what each of them answers. */
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

/** Where a handle arrives that nothing stops. */
export const OPENED = STEPS.length + 1;

/** The step that one procedure has in place of the other's. */
export const IV_STEP = 6;
export const SIGNATURE_STEP = 8;

/** The last step of inspection: those after it ask what the claims say. */
export const CLAIMS_STEP = 9;

export const PROCEDURES = ['replica', 'inspector'];

/** Whether a procedure has a step. */
export function takes(procedure, number) {
  return number !== (procedure === 'replica' ? SIGNATURE_STEP : IV_STEP);
}

/** The steps at which an error of ours may be thrown. None, for an answer that opening must not give. */
export function stepsOf({ code, reason }) {
  const throws = (step) => step.code === code && (reason === undefined ? step.reasons.length === 0 : step.reasons.includes(reason));
  return STEPS.filter(throws).map(({ number }) => number);
}
