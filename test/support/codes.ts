/** An error code. Programs tell errors apart by it, so it never changes. */
export interface ErrorCode {
  readonly code: string;
  /** What it means, in one or two sentences. */
  readonly meaning: string;
  /** What its reader should do, in one or two sentences. */
  readonly advice: string;
  /** The folders of src/ that make such errors. */
  readonly arisesIn: readonly string[];
  /** Who reads the code: the model in an execution error, the operator in the log, or a program in a thrown error. */
  readonly readBy: 'model' | 'operator' | 'program';
}

/** All error codes. test/codes.test.ts compares them with src/ and docs/reference/errors.md. */
export const ERROR_CODES: readonly ErrorCode[] = [
  {
    code: 'malformed',
    meaning: 'The copy of the handle is damaged: it was cut, or it contains a character that no handle has at that place.',
    advice: 'Pass the handle of the last answer again, unchanged.',
    arisesIn: ['handle'],
    readBy: 'model',
  },
  {
    code: 'rejected',
    meaning:
      'The handle is not valid here: its key is unknown or revoked, its content was altered, or it was issued to another caller or by another deployment. The answer has the same text in all of these cases.',
    advice:
      'Compare the handle with the handle in the last answer. If they differ, pass the handle of the last answer, unchanged; otherwise start a new task.',
    arisesIn: ['handle'],
    readBy: 'model',
  },
  {
    code: 'expired',
    meaning: 'The handle is authentic, but its deadline has passed.',
    advice: 'Start a new task with the tool that the answer names.',
    arisesIn: ['handle', 'wallet'],
    readBy: 'model',
  },
  {
    code: 'wrong_kind',
    meaning: 'The handle is authentic, but it belongs to another tool family.',
    advice: 'Use the tools that the answer names.',
    arisesIn: ['handle'],
    readBy: 'model',
  },
  {
    code: 'forbidden',
    meaning: 'The handle is attenuated, and lacks the right that this tool needs.',
    advice: 'Ask whoever gave you this handle for a handle that has this right.',
    arisesIn: ['handle', 'kit'],
    readBy: 'model',
  },
  {
    code: 'state_too_large',
    meaning:
      'The next handle would be longer than the limit: 8,192 characters by default. Tools that end a task may use the last 1,024 characters; other tools may not.',
    advice: 'Shorten what you add. The handle that you passed is still valid.',
    arisesIn: ['handle'],
    readBy: 'model',
  },
  {
    code: 'newer_kind',
    meaning: 'A newer version of the server issued the handle. That version is being deployed.',
    advice: 'Pass the same handle again in a minute.',
    arisesIn: ['kit'],
    readBy: 'model',
  },
  {
    code: 'invalid_arguments',
    meaning: 'The arguments do not fit the tool.',
    advice: 'Change the arguments that the answer names.',
    arisesIn: ['kit', 'wallet'],
    readBy: 'model',
  },
  {
    code: 'unknown_tool',
    meaning: 'No tool has the name that the call of `call_tool` or `describe_tool` gave.',
    advice: 'Find the tool with `search_tools`.',
    arisesIn: ['kit'],
    readBy: 'model',
  },
  {
    code: 'unavailable',
    meaning: 'No key of the ring can mint now, or the task or the caller is revoked.',
    advice: 'Try again later with the same arguments. If no key can mint, the operator must run `waxseal keys rotate`.',
    arisesIn: ['kit'],
    readBy: 'model',
  },
  {
    code: 'invalid_request_state',
    meaning: 'The `requestState` that came with the answer to a question is not valid.',
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
    meaning: 'Research tools: the user answered “no” to a question.',
    advice: 'Follow the advice in the answer.',
    arisesIn: ['research'],
    readBy: 'model',
  },
  {
    code: 'unknown_alias',
    meaning: 'The wallet does not have that alias, or does not have the revision that the alias names.',
    advice: 'Use one of the aliases that the answer names.',
    arisesIn: ['wallet'],
    readBy: 'model',
  },
  {
    code: 'insufficient_scope',
    meaning: 'The access token lacks scopes that the tool demands. Over HTTP the server refuses the request with 403.',
    advice: 'Get a token with the scopes that the answer names.',
    arisesIn: ['kit'],
    readBy: 'model',
  },
  {
    code: 'cancelled',
    meaning: 'The client cancelled the call or disconnected.',
    advice: 'The operator need not do anything.',
    arisesIn: ['kit'],
    readBy: 'operator',
  },
  {
    code: 'internal_error',
    meaning: "A tool's handler has a defect. The handle that was passed is still valid.",
    advice: 'Try again later, or tell the user. The operator finds the error and its place in the log.',
    arisesIn: ['kit'],
    readBy: 'model',
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
