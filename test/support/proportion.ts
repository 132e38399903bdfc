/**
 * Work on eight times as many units may take up to 30 times as long. If it were quadratic, it would take 64 times as
 * long.
 */
const MOST = 30;

/** The shortest time that can be measured reliably, in milliseconds. */
const LEAST_MS = 5;

/**
 * Tells whether the time of work grows in proportion to its input. One fast attempt is proof: on a busy machine some
 * attempts are slow, but with quadratic work all attempts are slow.
 *
 * @param work does the work on a number of units
 * @param units the number of units of the shorter run
 */
export async function growsInProportion(work: (units: number) => Promise<unknown>, units: number): Promise<boolean> {
  await work(units / 2);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const [short, long] = [await cpuOf(() => work(units)), await cpuOf(() => work(8 * units))];
    if (long / Math.max(short, LEAST_MS) < MOST) return true;
  }
  return false;
}

/** The CPU time of the work, in milliseconds. Waiting for other processes does not count. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Tells whether twice the work takes at most 2.6 times as long. One fast attempt is proof: quadratic work always takes
 * four times as long.
 *
 * @param work does the work on a number of units
 * @param units the number of units of the shorter run
 */
export async function doubles(work: (units: number) => unknown, units: number): Promise<boolean> {
  await work(units);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const short = await medianOf(() => work(units));
    const long = await medianOf(() => work(2 * units));
    if (long / Math.max(short, LEAST_MS) <= 2.6) return true;
  }
  return false;
}

async function medianOf(work: () => unknown): Promise<number> {
  const times = [await cpuOf(work), await cpuOf(work), await cpuOf(work)];
  return times.sort((a, b) => a - b)[1] ?? 0;
}
