/** One row a code of the product's errors: stable names, by which programs tell them apart. */
export interface ErrorCode {
  readonly code: string;
  /** When it is answered: a sentence. */
  readonly meaning: string;
  /** What its reader does then: a sentence. */
  readonly advice: string;
  /** The folders of src/ in which it arises. */
  readonly arisesIn: readonly string[];
  /** The model, in an execution error or the wallet's refusal; the operator, in the log alone; or programs, as `code` of what is thrown. */
  readonly readBy: 'model' | 'operator' | 'program';
}

/** All of them. test/codes.test.ts holds the table, src/ and docs/reference/errors.md together. */
export const ERROR_CODES: readonly ErrorCode[] = [
  {
    code: 'malformed',
    meaning: 'The handle is not whole: it was cut, or a character is wrong where that shows.',
    advice: 'Pass the handle of the last answer again, unchanged.',
    arisesIn: ['handle'],
    readBy: 'model',
  },
  {
    code: 'rejected',
    meaning:
      "The handle is not valid here: its key is unknown or revoked, its content was altered, or it is another caller's or another deployment's. One wording answers all of these.",
    advice: 'Compare the handle with the last answer and pass that handle again, exactly. Start a new task only if that is refused, too.',
    arisesIn: ['handle'],
    readBy: 'model',
  },
  {
    code: 'expired',
    meaning: 'The handle is authentic and past its deadline.',
    advice: 'Start again, with the tool that the answer names.',
    arisesIn: ['handle', 'wallet'],
    readBy: 'model',
  },
  {
    code: 'wrong_kind',
    meaning: 'The handle is authentic and of another tool family.',
    advice: 'Use the tools that take it.',
    arisesIn: ['handle'],
    readBy: 'model',
  },
  {
    code: 'forbidden',
    meaning: 'The handle was handed on without the right that this tool needs.',
    advice: 'Ask whoever handed it on for a handle that has the right.',
    arisesIn: ['handle', 'kit'],
    readBy: 'model',
  },
  {
    code: 'state_too_large',
    meaning:
      'The next handle would pass the limit, 8,192 characters unless the server says otherwise. The last 1,024 are kept for ending the task.',
    advice: 'Shorten what you add. The handle that you passed stays good.',
    arisesIn: ['handle'],
    readBy: 'model',
  },
  {
    code: 'newer_kind',
    meaning: 'The handle is of a newer version of the server, which is being deployed.',
    advice: 'Pass the handle again in a minute, unchanged.',
    arisesIn: ['kit'],
    readBy: 'model',
  },
  {
    code: 'invalid_arguments',
    meaning: 'The arguments do not fit the tool.',
    advice: 'Change what the answer names.',
    arisesIn: ['kit', 'wallet'],
    readBy: 'model',
  },
  {
    code: 'unknown_tool',
    meaning: 'No tool has the name that was given to `call_tool` or `describe_tools`.',
    advice: 'Find the tool with `search_tools`.',
    arisesIn: ['kit'],
    readBy: 'model',
  },
  {
    code: 'unavailable',
    meaning: 'No key of the ring mints at this moment.',
    advice: 'Try again later with the same arguments. Operator: `waxseal keys rotate`.',
    arisesIn: ['kit'],
    readBy: 'model',
  },
  {
    code: 'invalid_request_state',
    meaning: 'The state that travels with a question did not open.',
    advice: 'Call the tool again from the start.',
    arisesIn: ['kit'],
    readBy: 'model',
  },
  {
    code: 'task_ended',
    meaning: 'Research tools: the task is complete or cancelled.',
    advice: 'Read the task, or start another.',
    arisesIn: ['research'],
    readBy: 'model',
  },
  {
    code: 'not_confirmed',
    meaning: 'Research tools: the user was asked, and said no.',
    advice: 'Do what the answer says.',
    arisesIn: ['research'],
    readBy: 'model',
  },
  {
    code: 'unknown_alias',
    meaning: 'The wallet holds no such alias, or not in that revision.',
    advice: 'Use one of the aliases that the answer names.',
    arisesIn: ['wallet'],
    readBy: 'model',
  },
  {
    code: 'internal_error',
    meaning: "A tool's function has a defect.",
    advice: 'Operator: the line names the error and its place.',
    arisesIn: ['kit'],
    readBy: 'operator',
  },
  {
    code: 'invalid_ring',
    meaning: 'A key ring cannot be used.',
    advice: 'The message names the entry and the member.',
    arisesIn: ['keys'],
    readBy: 'program',
  },
  {
    code: 'invalid_configuration',
    meaning: 'A setting is wrong, or two settings are unsafe together.',
    advice: 'The message names the setting and gives an example.',
    arisesIn: ['server'],
    readBy: 'program',
  },
];
