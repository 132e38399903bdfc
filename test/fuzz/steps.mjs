/** The steps of section 6 of docs/handle-format.md, and at which of them an outcome says that a handle died. */
export const STEPS = [
  ['string and length', 'malformed'],
  ['grammar, canonical', 'malformed'],
  ['outer header', 'malformed'],
  ['key', 'rejected', 'unknown_key'],
  ['decryption', 'rejected', 'decryption'],
  ['inflation', 'rejected', 'inflation'],
  ['inner structure', 'rejected', 'inner_structure'],
  ['signature', 'rejected', 'signature'],
  ['claims', 'rejected', 'claims'],
  ['iat', 'rejected', 'issued_in_future', 'issued_too_early'],
  ['aud', 'rejected', 'audience'],
  ['sub', 'rejected', 'subject'],
  ['exp', 'expired'],
  ['kind', 'wrong_kind'],
  ['scp', 'forbidden'],
  ['state', 'rejected', 'state'],
].map(([name, code, ...reasons], index) => ({ number: index + 1, name, code, reasons }));

/** Where a handle arrives that nothing stops. */
export const OPENED = STEPS.length + 1;

/** Steps 1 to 3 have one code; which it was, only the message says. */
const MALFORMED = [
  [/^A handle is a string\.$|^The handle is empty\.$|^The handle has \d+ characters; at most .+ are read\.$/, 1],
  [/^The first part is not the protected header of a handle\.$/, 3],
];

/** The step at which an error of ours was thrown; undefined for a code and reason that opening must not answer. */
export function stepOf({ code, reason, message }) {
  if (code === 'malformed') return MALFORMED.find(([pattern]) => pattern.test(message))?.[1] ?? 2;
  return STEPS.find((step) => step.code === code && (reason === undefined ? step.reasons.length === 0 : step.reasons.includes(reason)))
    ?.number;
}
