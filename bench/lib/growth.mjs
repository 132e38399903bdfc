/** Measures how the cost of a call grows: the same work at several sizes, in turns. */
import { median, shuffled } from '../statistics.mjs';
import { costOf, countFor } from './cost.mjs';

/**
 * Measures all sizes in turns, one call at a time.
 *
 * @param sizes each with its `size`; `work`, which does the work once; and `calls`, the number of calls in it
 * @param options `rounds`; and `turnMs`, how long one size is measured before the next has its turn, in milliseconds
 * @returns `rows`: the medians of CPU time and latency of a call for each size, in milliseconds; and `ratio`: the last
 *   size compared with the first, the median of the rounds
 */
export async function grown(sizes, { rounds, turnMs }) {
  const subjects = sizes.map((one) => ({ ...one, samples: [] }));
  for (const subject of subjects) subject.count = await countFor(turnMs, subject.work);
  for (let round = 0; round <= rounds; round += 1) {
    for (const subject of shuffled(subjects)) {
      const { cpu, time } = await costOf(subject.count, 1, subject.work);
      // The first round only warms up the code.
      if (round > 0) subject.samples.push({ cpu: cpu / subject.calls / 1000, latency: time / subject.calls / 1000 });
    }
  }
  const middle = ({ samples }, figure) => median(samples.map((sample) => sample[figure]));
  const ratio = (figure) => {
    const [first, last] = [subjects[0].samples, subjects.at(-1).samples];
    return median(last.map((sample, round) => sample[figure] / first[round][figure]));
  };
  return {
    rows: subjects.map((subject) => ({ size: subject.size, cpu: middle(subject, 'cpu'), latency: middle(subject, 'latency') })),
    ratio: { cpu: ratio('cpu'), latency: ratio('latency') },
  };
}
