/** How much longer work may take on eight times as much: a square would take sixty-four times as long. */
const MOST = 30;

/** Work of less than this is measured by chance, in milliseconds. */
const LEAST_MS = 5;

/**
 * Whether the time that work takes grows no faster than what it is done on. A machine that has other things to do slows
 * single runs and not all of them, so one good measurement proves it; what grows as a square never has one.
 *
 * @param work done on so many units
 * @param units of the shorter run
 */
export async function growsInProportion(work: (units: number) => Promise<unknown>, units: number): Promise<boolean> {
  await work(units / 2);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const [short, long] = [await cpuOf(() => work(units)), await cpuOf(() => work(8 * units))];
    if (long / Math.max(short, LEAST_MS) < MOST) return true;
  }
  return false;
}

/** What the process computes meanwhile, in milliseconds: that it had to wait for others does not count. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
