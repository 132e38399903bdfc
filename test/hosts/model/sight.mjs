/** Reads the text that a host shows of a result, whatever the host puts around it. */

/** Matches a handle, or an alias of the wallet. */
const HANDLE = /eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+|\btask_[2-9a-hjkmnp-z]{6}\b/g;

/** Matches an error's advice about the next call. */
const ADVICE = /pass (?:that|the last) handle again|Pass the alias of your task/i;

/** Matches the warning about a handle of more than half of the maximum length. */
const WARNING = /The handle grows long[^"\\\n]*/;

/** The host did not show a fact that the model needs. */
export class Hidden extends Error {
  /** @param what the fact @param shown the text that the host showed instead */
  constructor(what, shown) {
    super(`the host does not show ${what}; it shows: ${shown.length > 300 ? `${shown.slice(0, 300)}…` : shown}`);
  }
}

/** Returns every handle and alias in a text, in order. */
export function handlesIn(shown) {
  return shown.match(HANDLE) ?? [];
}

/** Returns the last handle or alias in a text. @throws {Hidden} if the text contains none */
export function lastHandleIn(shown) {
  const handle = handlesIn(shown).at(-1);
  if (handle === undefined) throw new Hidden('the handle', shown);
  return handle;
}

/**
 * Checks that the host showed a fact.
 *
 * @param sign a text or a pattern of the fact
 * @throws {Hidden} if `shown` lacks the sign
 */
export function mustShow(shown, sign, what) {
  if (!(typeof sign === 'string' ? shown.includes(sign) : sign.test(shown))) throw new Hidden(what, shown);
}

/**
 * Returns the handle to pass after an error.
 *
 * @param remembered the handle from the last successful result
 * @throws {Hidden} if the host does not show the advice
 */
export function adviceIn(refused, remembered) {
  mustShow(refused, ADVICE, 'what to do after the error');
  return remembered;
}

/** Tells whether a text is an error with advice. */
export function isRefusal(shown) {
  return ADVICE.test(shown);
}

/** Returns the warning about a long handle, or undefined. */
export function warningIn(shown) {
  return WARNING.exec(shown)?.[0];
}

/**
 * Tells which parts of a successful result the host showed: the text, the structured content, or both. Each part has
 * words that the other part lacks.
 */
export function viewOfSuccess(shown) {
  return viewOf(/handle \(revision \d+, expires/.test(shown), shown.includes('handle_info'));
}

/**
 * Tells which parts of an error the host showed: the text, the structured content, or both. Both parts contain the
 * message, but only the structured content contains the code.
 */
export function viewOfError(shown) {
  const structured = /code[\\"']+\s*:\s*[\\"']+\w+/.test(shown);
  const messages = shown.match(new RegExp(ADVICE, 'gi'))?.length ?? 0;
  return viewOf(messages > (structured ? 1 : 0), structured);
}

function viewOf(text, structured) {
  if (text && structured) return 'both';
  if (text) return 'text';
  return structured ? 'structured content' : 'neither';
}
