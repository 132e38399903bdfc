/** Statistics for two samples of times, which are skewed and have outliers. */

/** @param sorted in ascending order @param part the fraction of the values below the quantile, from 0 to 1 */
export function quantile(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** @param values in any order */
export function median(values) {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

/** Welch's t: how many standard errors two means are apart. Testers of side channels (TVLA) take 4.5 as proof. */
export function welch(a, b) {
  const [x, y] = [moments(a), moments(b)];
  return (x.mean - y.mean) / Math.sqrt(x.variance / a.length + y.variance / b.length);
}

function moments(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) };
}

/** Leaves out the slowest twentieth, during which the machine probably did other work. */
export function withoutTail(values) {
  return Float64Array.from(values)
    .sort()
    .slice(0, Math.floor(values.length * 0.95));
}

/**
 * Mann and Whitney's U, as the probability that a value of `a` is larger than one of `b`. At 0.5 the samples cannot be
 * told apart. At 0 or 1, one value is enough to tell them apart.
 */
export function probabilityOfLarger(a, b) {
  const all = [...Array.from(a, (value) => [value, 0]), ...Array.from(b, (value) => [value, 1])].sort((x, y) => x[0] - y[0]);
  let ranks = 0;
  for (let start = 0; start < all.length; ) {
    let end = start;
    while (end < all.length && all[end][0] === all[start][0]) end += 1;
    const rank = (start + 1 + end) / 2;
    for (let at = start; at < end; at += 1) if (all[at][1] === 0) ranks += rank;
    start = end;
  }
  return (ranks - (a.length * (a.length + 1)) / 2) / (a.length * b.length);
}

/** Shuffles a list, every order equally likely. Each measurement affects the next, so benches change the order. */
export function shuffled(list) {
  return list
    .map((item) => [Math.random(), item])
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
