/**
 * The work is done on some units, and then on eight times as many units. The longer run may take at most this many
 * times as long as the shorter run. Quadratic work takes 64 times as long.
 */
const MOST = 30;

/** The shortest time that can be measured reliably, in milliseconds. */
const LEAST_MS = 5;

/**
 * Tells whether the time that work takes grows only in proportion to its input. A busy machine makes single measurements slow,
 * but quadratic work makes all of them slow. So one good measurement proves proportional growth.
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

/** Returns the CPU time that the process spends on the work, in milliseconds. Waiting for other processes does not count. */
async function cpuOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * Tells whether twice the work takes at most 2.6 times as long. One good measurement proves this. Quadratic work takes four
 * times as long in every measurement.
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
