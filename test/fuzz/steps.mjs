/** At which step of section 6 of docs/handle-format.md an outcome says that a handle died. */
import { stepOf as ofTable, VERIFICATION_STEPS } from '../../dist/handle/index.js';

export const STEPS = VERIFICATION_STEPS;

/** Where a handle arrives that nothing stops. */
export const OPENED = STEPS.length + 1;

/** The number of the step at which an error of ours was thrown; undefined for a code and reason that opening must not answer. */
export function stepOf(error) {
  return ofTable(error)?.number;
}
