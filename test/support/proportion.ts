/** How many times as long the work may take on eight times as many units. Quadratic work would take 64 times as long. */
const MOST = 30;

/** Shorter work cannot be measured reliably. Milliseconds. */
const LEAST_MS = 5;

/**
 * Tells whether the time that work takes grows only in proportion to its input. A busy machine slows single runs but not
 * all of them, so one good measurement proves proportional growth. Quadratic work never gives a good measurement.
 *
 * @param work does the work on so many units
 * @param units how many units the shorter run has
 */
export async function growsInProportion(work: (units: number) => Promise<unknown>, units: number): Promise<boolean> {
  await work(units / 2);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const [short, long] = [await cpuOf(() => work(units)), await cpuOf(() => work(8 * units))];
    if (long / Math.max(short, LEAST_MS) < MOST) return true;
  }
  return false;
}

/** The CPU time that the process spends on the work, in milliseconds. Time in which it waits for other processes does not count. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
