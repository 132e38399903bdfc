/** Research tasks of a given size, from the text of `findings.json`. */
import { Random } from '../../test/fuzz/random.mjs';
import { depth, findings, topic } from './research-mix.mjs';

const FINDING_LENGTH = 120;

/**
 * A task whose JSON has a given number of bytes. After the five findings, it repeats their words in other orders: equal
 * findings would compress to almost nothing.
 */
export function stateOf(bytes) {
  const taskOf = (results) => ({ topic, depth, status: 'running', results });
  const missing = (results) => bytes - JSON.stringify(taskOf(results)).length;
  const results = [];
  for (const finding of text()) {
    // In the JSON, each finding also has two quotation marks. Each finding after the first also has a comma.
    const room = missing(results) - (results.length === 0 ? 2 : 3);
    if (room < finding.length) {
      if (room > 0) results.push(finding.slice(0, room));
      return taskOf(results);
    }
    results.push(finding);
  }
  throw new Error('unreachable: text() never ends');
}

function* text() {
  yield* findings;
  const random = new Random(1, 2, 3);
  const words = findings.join(' ').split(' ');
  while (true) {
    let finding = '';
    while (finding.length < FINDING_LENGTH) finding += `${finding === '' ? '' : ' '}${random.pick(words)}`;
    yield finding;
  }
}
