/** What a model reads in the text that a host shows of a result, however the host wraps that text. */

/** A handle, or an alias of the wallet. */
const HANDLE = /eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+|\btask_[2-9a-hjkmnp-z]{6}\b/g;

/** What an error must say for a model to know its next call. */
const ADVICE = /pass (?:that|the last) handle again|Pass the alias that is meant/i;

/** What a result says once a handle fills more than half of its room. */
const WARNING = /The handle grows long[^"\\\n]*/;

/** The host did not show what a model needs. */
export class Hidden extends Error {
  /** @param what the model needs to know @param shown what the host showed instead */
  constructor(what, shown) {
    super(`the host does not show ${what}; it shows: ${shown.length > 300 ? `${shown.slice(0, 300)}…` : shown}`);
  }
}

/** Every handle and alias in a text, in order. */
export function handlesIn(shown) {
  return shown.match(HANDLE) ?? [];
}

/** @throws {Hidden} where there is no handle */
export function lastHandleIn(shown) {
  const handle = handlesIn(shown).at(-1);
  if (handle === undefined) throw new Hidden('the handle', shown);
  return handle;
}

/** @param sign a text or an expression that is in what is shown @throws {Hidden} */
export function mustShow(shown, sign, what) {
  if (!(typeof sign === 'string' ? shown.includes(sign) : sign.test(shown))) throw new Hidden(what, shown);
}

/**
 * The handle that an error tells the model to pass.
 *
 * @param remembered the handle of the last good answer
 * @throws {Hidden} where the host does not show the advice
 */
export function adviceIn(refused, remembered) {
  mustShow(refused, ADVICE, 'what to do after the error');
  return remembered;
}

/** Whether what is shown is an error that says what to do. */
export function isRefusal(shown) {
  return ADVICE.test(shown);
}

/** The warning that a handle grows long, where there is one. */
export function warningIn(shown) {
  return WARNING.exec(shown)?.[0];
}

/** Which parts of a good result a text shows: what only the text says, and what only the structured content says. */
export function viewOfSuccess(shown) {
  return viewOf(/handle \(revision \d+, expires/.test(shown), shown.includes('handle_info'));
}

/** Which parts of a refusal a text shows. Both parts say the message; the code stands in structured content alone. */
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
