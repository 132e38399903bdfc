/** Checks every answer of `open`, and says what is wrong with it. */
import { HandleError, HandleRejected, open } from '../../dist/handle/index.js';
import { isRevoked, openingKey } from '../../dist/keys/index.js';
import { CANARY, REVOCATIONS, signedName } from './corpus.mjs';
import { judge, revokes } from './reference.mjs';
import { CLAIMS_STEP, IV_STEP, OPENED, STEPS, stepsOf, takes } from './steps.mjs';

/** The longest time for a call, in milliseconds. A longer call hangs, or shows how to make the verifier hang. */
const TOO_LONG = 1_000;

/** All that an error `rejected` may show. Its `reason` is not compared, because only the log gets it. */
const REJECTED = shownBy(new HandleRejected('state'));

/** Opens a handle once, by its ring's procedure. @returns the outcome, and the steps at which it may have ended */
async function attempt({ ring }, { handle, call }) {
  const { revocations, ...expected } = call;
  const started = performance.now();
  const done = (outcome) => ({ ...outcome, ms: performance.now() - started });
  try {
    const opened = await open(handle, {
      ...expected,
      findKey: (kid) => openingKey(ring, kid, call.now),
      ...(revocations && { isRevoked: (claims) => isRevoked(ring.revocations, claims, call.now) }),
    });
    return done({ steps: [OPENED], opened });
  } catch (error) {
    return done({ steps: error instanceof HandleError ? stepsOf(error) : [], error });
  }
}

/**
 * Opens the handle of a case, and compares the answer with the specification.
 *
 * @returns the step that refused the handle, the violations, and whether the call took too long
 */
export async function examine(corpus, given) {
  const { procedure, random } = given;
  const by = corpus.rings[procedure];
  const outcome = await attempt(by, given);
  const violations = [];
  const { steps, opened, error } = outcome;

  if (steps.length === 0) violations.push(`an answer that opening must not give: ${describe(error)}`);
  if (steps.some((step) => !takes(procedure, step))) violations.push(`the check of the other procedure: ${describe(error)}`);
  if (error?.code === 'rejected' && shownBy(error) !== REJECTED) violations.push(`a rejection in other words: ${describe(error)}`);
  if (error !== undefined && leaks(error, corpus, random)) violations.push('an error that tells of the state or the keys');
  if (random.chance(0.1) && summary(await attempt(by, given)) !== summary(outcome))
    violations.push('another outcome on the second attempt');
  if (forged(corpus, given, outcome)) violations.push('a handle that nobody made with a private key went too far');

  // The second verifier doubles the time, so it judges only cases whose claims were read or whose step is unclear, and
  // a few others.
  let [step] = steps;
  if (steps.length !== 1 || step > CLAIMS_STEP || random.chance(0.2)) {
    const verdict = verdictOn(by, given);
    const agreed = [verdict, verdict.or].find((candidate) => steps.includes(candidate?.step) && fits(candidate, error));
    if (agreed === undefined)
      violations.push(`it ended with ${describe(error)}, and by the specification at step ${describeVerdict(verdict)}`);
    if (opened !== undefined) violations.push(...wrongIn(opened, given, verdict));
    step = (agreed ?? verdict).step;
  }
  return { step, violations, slow: outcome.ms > TOO_LONG };
}

function verdictOn(by, { handle, call }) {
  const { revocations, ...expected } = call;
  return judge(handle, by, { ...expected, ...(revocations && { isRevoked: (claims) => revokes(REVOCATIONS, claims, call.now) }) });
}

/** Tells whether an error has the expected reason. The step does not tell the reason, because one step has two possible reasons. */
function fits({ reason }, error) {
  return error === undefined || error.reason === reason;
}

/**
 * Repeats a slow case while no other call runs. On a busy machine many calls wait, but a handle that makes a call hang
 * does so every time.
 *
 * @returns a violation, if it is slow again
 */
export async function examineAlone(corpus, given) {
  let fastest = Number.POSITIVE_INFINITY;
  for (let left = 3; left > 0 && fastest > TOO_LONG; left -= 1)
    fastest = Math.min(fastest, (await attempt(corpus.rings[given.procedure], given)).ms);
  return fastest > TOO_LONG ? `a call of ${Math.round(fastest)} ms, the fastest of three alone` : undefined;
}

/**
 * Tells whether a handle passed the check for a private key, although no private key made it. For a replica, `minted`
 * has the handles that private keys made. For an inspector, `signed` has the claims that private keys signed.
 */
function forged(corpus, { procedure, handle, minted, signed }, { steps, opened }) {
  if (procedure === 'replica') return steps[0] > IV_STEP && !minted.has(handle) && !corpus.minted.has(handle);
  if (opened === undefined) return false;
  const name = signedName(opened.header.kid, JSON.stringify(opened.claims));
  return !signed.has(name) && !corpus.signed.has(name);
}

/** Says how the opened claims and state differ from the sealed ones. */
function wrongIn(opened, { handle, call }, verdict) {
  const wrong = [];
  if (verdict.claims === undefined) return ['an opened handle whose claims are not those of the ring'];
  if (JSON.stringify(opened.claims) !== JSON.stringify(verdict.claims)) wrong.push('claims that are not those that were sealed');
  if (opened.handle !== handle) wrong.push('another handle than was given');
  const state = call.kinds.get(verdict.claims.kind)?.(verdict.claims.st);
  if (JSON.stringify(opened.state) !== JSON.stringify(state)) wrong.push('a state that is not what the reader gives');
  return wrong;
}

/** Tells whether an error shows a piece of the state or of a key. */
function leaks(error, { pairs }, random) {
  if (!(error instanceof Error)) return false;
  if (error.cause !== undefined) return true;
  // Making the stack takes longer than all checks, so only some stacks are checked. A stack begins with the message,
  // which is always checked.
  const shown = `${error.message}${JSON.stringify(error)}${random.chance(0.05) ? error.stack : ''}`;
  return shown.includes(CANARY) || pairs.some(({ spellings }) => spellings.some((spelling) => shown.includes(spelling)));
}

function shownBy({ name, message, reason: _forTheLog, ...members }) {
  return JSON.stringify([name, message, members]);
}

function summary({ opened, error }) {
  return opened === undefined ? describe(error) : JSON.stringify([opened.claims, opened.state, opened.header]);
}

function describe(error) {
  if (error === undefined) return 'an opened handle';
  return error instanceof Error ? JSON.stringify([error.name, error.message, { ...error }]) : String(error);
}

function describeVerdict({ step, reason = STEPS[step - 1]?.code ?? 'opened', or }) {
  return `${step}, ${reason}${or === undefined ? '' : `, or ${describeVerdict(or)}`}`;
}
