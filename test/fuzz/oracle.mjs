/** What must be true of every answer of `open`, and what is wrong with one for which it is not. */
import { HandleError, open } from '../../dist/handle/index.js';
import { openingKey } from '../../dist/keys/index.js';
import { CANARY } from './corpus.mjs';
import { judge } from './reference.mjs';
import { OPENED, stepOf } from './steps.mjs';

/** A call that takes longer has hung, or could be made to. Milliseconds. */
const TOO_LONG = 1_000;

/** Opens a case once. @returns the outcome, and the step at which it ended */
async function attempt({ ring }, { handle, call }) {
  const started = performance.now();
  try {
    const opened = await open(handle, { ...call, findKey: (kid) => openingKey(ring, kid, call.now) });
    return { step: OPENED, opened, ms: performance.now() - started };
  } catch (error) {
    return { step: error instanceof HandleError ? stepOf(error) : undefined, error, ms: performance.now() - started };
  }
}

/**
 * Opens a case and holds the answer against the specification.
 *
 * @returns the step at which the handle ended, the violations that were found, and whether it took too long
 */
export async function examine(corpus, given) {
  const { handle, call, random } = given;
  const outcome = await attempt(corpus, given);
  const violations = [];
  const { step } = outcome;

  if (step === undefined) violations.push(`an answer that opening must not give: ${describe(outcome.error)}`);
  if (step !== OPENED && leaks(outcome.error, corpus, random)) violations.push('an error that tells of the state or the keys');
  if (random.chance(0.1) && summary(await attempt(corpus, given)) !== summary(outcome)) violations.push('another outcome the second time');

  // The second verifier costs as much as the first: all that was accepted, and a part of what was refused.
  if (step === OPENED || random.chance(0.1)) {
    const verdict = judge(handle, corpus.inRing, call);
    const agreed = verdict.step === step || verdict.or?.includes(step);
    if (!agreed) violations.push(`it ended at step ${step}, and by the specification at step ${verdict.step}`);
    if (step === OPENED) violations.push(...wrongIn(outcome.opened, given, verdict));
  }
  return { step, violations, slow: outcome.ms > TOO_LONG };
}

/**
 * Opens a case that took too long again, with nothing else under way. Where many calls run at once, on a machine that
 * does other things, all of them wait together; a handle that makes a call hang does so every time.
 *
 * @returns a violation, if it is one
 */
export async function examineAlone(corpus, given) {
  let fastest = Number.POSITIVE_INFINITY;
  for (let left = 3; left > 0 && fastest > TOO_LONG; left -= 1) fastest = Math.min(fastest, (await attempt(corpus, given)).ms);
  return fastest > TOO_LONG ? `a call of ${Math.round(fastest)} ms, the fastest of three alone` : undefined;
}

/** What was opened must be what was signed, and nothing beside it. */
function wrongIn(opened, { handle, call }, verdict) {
  const wrong = [];
  if (verdict.claims === undefined) return ['an opened handle whose claims no key of the ring signed'];
  if (JSON.stringify(opened.claims) !== JSON.stringify(verdict.claims)) wrong.push('claims that are not those that were signed');
  if (opened.handle !== handle) wrong.push('another handle than was given');
  const state = call.kinds.get(verdict.claims.kind)?.(verdict.claims.st);
  if (JSON.stringify(opened.state) !== JSON.stringify(state)) wrong.push('a state that is not what the reader gives');
  return wrong;
}

/** Whether anything that an error shows has a piece of the state, or of a key. */
function leaks(error, { pairs }, random) {
  if (!(error instanceof Error)) return false;
  if (error.cause !== undefined) return true;
  // Writing a stack costs more than all the rest, and it begins with the message.
  const shown = `${error.message}${JSON.stringify(error)}${random.chance(0.05) ? error.stack : ''}`;
  return shown.includes(CANARY) || pairs.some(({ spellings }) => spellings.some((spelling) => shown.includes(spelling)));
}

function summary({ opened, error }) {
  return opened === undefined ? describe(error) : JSON.stringify([opened.claims, opened.state, opened.header]);
}

function describe(error) {
  return error instanceof Error ? JSON.stringify([error.name, error.message, { ...error }]) : String(error);
}
