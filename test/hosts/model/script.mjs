/**
 * The scripts of the model. A script is a generator: it yields a tool call, and resumes with the text that the host
 * showed of the result. Like a real model, it takes handles, aliases and advice only from this text. If the host hides
 * one of these, the script ends with {@link Hidden}.
 */
import { adviceIn, Hidden, lastHandleIn, mustShow, warningIn } from './sight.mjs';

const TOPIC = 'stateless MCP and autoscaling';
const FIRST = 'Sticky routing rules were deleted from two gateways.';
const LAST = 'Round-robin balancing halved tail latency in the pilot.';

/** The length of a long finding, in characters. Long findings compress badly, so a few fill a task. */
const LONG_FINDING = 1_200;

/** The most calls to fill a task. Fewer should suffice. */
const FILLING_CALLS = 20;

/** Starts a task, adds a finding, reads the status, completes the task, and reads the status again. */
function* whole() {
  const started = yield* start();
  const recorded = yield call('record_findings', { handle: lastHandleIn(started), findings: [FIRST] });
  mustShow(recorded, /result_count\W+1\b|the task has 1\b/, 'how many findings the task has');
  const looked = yield call('get_task_status', { handle: lastHandleIn(recorded) });
  mustShow(looked, FIRST, 'the finding that was recorded');
  const completed = yield call('complete_research_task', { handle: lastHandleIn(recorded), findings: [LAST] });
  yield* finish(completed, [FIRST, LAST]);
}

/**
 * Passes a handle with one wrong character, and later a handle without its last character. After each error, the script
 * follows the advice.
 */
function* slip() {
  const started = yield* start();
  const right = lastHandleIn(started);
  const refused = yield call('record_findings', { handle: withWrongCharacter(right), findings: [FIRST] });
  const recorded = yield call('record_findings', { handle: adviceIn(refused, right), findings: [FIRST] });
  const newer = lastHandleIn(recorded);
  const refusedAgain = yield call('complete_research_task', { handle: newer.slice(0, -1), findings: [LAST] });
  const completed = yield call('complete_research_task', { handle: adviceIn(refusedAgain, newer), findings: [LAST] });
  yield* finish(completed, [FIRST, LAST]);
}

/** Adds findings until a result warns about the long handle, and then completes the task. */
function* long() {
  let shown = yield* start();
  for (let calls = 0; warningIn(shown) === undefined; calls += 1) {
    if (calls === FILLING_CALLS) throw new Hidden('the warning that the handle grows long', shown);
    shown = yield call('record_findings', { handle: lastHandleIn(shown), findings: [longFinding(calls)] });
  }
  const completed = yield call('complete_research_task', { handle: lastHandleIn(shown), findings: [] });
  yield* finish(completed, []);
}

export const scripts = { whole, slip, long };

function* start() {
  const started = yield call('start_research_task', { topic: TOPIC, depth: 3 });
  mustShow(started, /running|Research task started/, 'that the task has started');
  return started;
}

function* finish(completed, findings) {
  mustShow(completed, /complete/, 'that the task is complete');
  const looked = yield call('get_task_status', { handle: lastHandleIn(completed) });
  for (const finding of findings) mustShow(looked, finding, `the finding ${JSON.stringify(finding)}`);
  mustShow(looked, /is complete|status\W+complete/, 'that the task is complete');
}

function call(tool, input) {
  return { tool, input };
}

/** Replaces one character in the middle. The handle's structure stays valid. */
function withWrongCharacter(handle) {
  const place = Math.floor(handle.length * 0.6);
  const wrong = handle[place] === 'k' ? 'm' : 'k';
  return `${handle.slice(0, place)}${wrong}${handle.slice(place + 1)}`;
}

/** Makes a finding that depends only on the number. */
function longFinding(number) {
  let [state, text] = [number + 1, ''];
  while (text.length < LONG_FINDING) {
    state = (state * 48_271) % 2_147_483_647;
    text += state.toString(36);
  }
  return text.slice(0, LONG_FINDING);
}

/**
 * Returns the next step of a script. The script runs from its beginning each time, because a model knows only the
 * results in its prompt.
 *
 * @param results the text that the host showed, for each call so far
 * @returns `call: { tool, input }`, or `done: true`, or `hidden`: a sentence about the missing fact
 */
export function nextMove(script, results) {
  const running = script();
  try {
    let step = running.next();
    for (const shown of results) {
      if (step.done) break;
      step = running.next(shown);
    }
    return step.done ? { done: true } : { call: step.value };
  } catch (error) {
    if (error instanceof Hidden) return { hidden: error.message };
    throw error;
  }
}
