/** One row a code of the product's errors: stable names, by which programs tell them apart. */
export interface ErrorCode {
  readonly code: string;
  /** When it is answered. */
  readonly meaning: string;
  /** The folders of src/ in which it arises. */
  readonly arisesIn: readonly string[];
  /** The model, in an execution error or the wallet's refusal; the operator, in the log alone; or programs, as `code` of what is thrown. */
  readonly readBy: 'model' | 'operator' | 'program';
}

/** All of them. test/codes.test.ts holds the table, src/ and README.md together. */
export const ERROR_CODES: readonly ErrorCode[] = [
  { code: 'malformed', meaning: 'structure, length or alphabet of a handle is wrong', arisesIn: ['handle'], readBy: 'model' },
  { code: 'rejected', meaning: 'not valid here; one wording whatever the cause', arisesIn: ['handle'], readBy: 'model' },
  { code: 'expired', meaning: 'authentic, and past its deadline', arisesIn: ['handle', 'wallet'], readBy: 'model' },
  { code: 'wrong_kind', meaning: 'authentic, and of another tool family', arisesIn: ['handle'], readBy: 'model' },
  { code: 'forbidden', meaning: 'handed on without the right that is needed', arisesIn: ['handle', 'kit'], readBy: 'model' },
  { code: 'state_too_large', meaning: 'the next handle would pass the limit', arisesIn: ['handle'], readBy: 'model' },
  { code: 'newer_kind', meaning: 'of a version of its kind that is still being deployed', arisesIn: ['kit'], readBy: 'model' },
  { code: 'invalid_arguments', meaning: 'arguments do not fit the tool', arisesIn: ['kit', 'wallet'], readBy: 'model' },
  { code: 'unknown_tool', meaning: 'the tools that find others were given a name that no tool has', arisesIn: ['kit'], readBy: 'model' },
  { code: 'unavailable', meaning: 'no key of the ring mints now', arisesIn: ['kit'], readBy: 'model' },
  { code: 'invalid_request_state', meaning: "a question's state is not good here", arisesIn: ['kit'], readBy: 'model' },
  { code: 'task_ended', meaning: 'the research task is complete or cancelled', arisesIn: ['research'], readBy: 'model' },
  { code: 'not_confirmed', meaning: 'the user was asked, and said no', arisesIn: ['research'], readBy: 'model' },
  { code: 'unknown_alias', meaning: 'the wallet holds no such alias, or not in that revision', arisesIn: ['wallet'], readBy: 'model' },
  { code: 'internal_error', meaning: "a defect in a tool's function", arisesIn: ['kit'], readBy: 'operator' },
  { code: 'invalid_ring', meaning: 'a key ring cannot be used', arisesIn: ['keys'], readBy: 'program' },
  { code: 'invalid_configuration', meaning: 'settings are wrong, or unsafe together', arisesIn: ['server'], readBy: 'program' },
];
