/** Measures how the cost of a call grows: the same work at several sizes, in turns. */
import { median, shuffled } from '../statistics.mjs';
import { costOf, countFor } from './cost.mjs';

/**
 * Measures all sizes in turns, one call at a time.
 *
 * @param sizes the sizes, each with its `size` and a function `work(calls)` that makes so many calls
 * @param options `rounds`, the number of rounds; `turnMs`, how long one size is measured before the next one has its turn
 * @returns for each size the medians of the CPU time and the latency of a call, in milliseconds; and the ratio of the last
 * size to the first, as the median of the rounds
 */
export async function grown(sizes, { rounds, turnMs }) {
  const subjects = sizes.map((one) => ({ ...one, samples: [] }));
  for (const subject of subjects) subject.count = await countFor(turnMs, subject.work);
  for (let round = 0; round <= rounds; round += 1) {
    for (const subject of shuffled(subjects)) {
      const { cpu, time } = await costOf(subject.count, 1, subject.work);
      // The first round warms up the code, and does not count.
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
