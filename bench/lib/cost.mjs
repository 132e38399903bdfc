/** Measures the cost of a call in this process, on all threads, because cryptography can use other threads. */

/**
 * @param count the number of calls
 * @param parallel how many run at once
 * @param call makes one call. Its argument is the number of the call.
 * @returns the CPU time and the time of a call in microseconds, and the calls a second
 */
export async function costOf(count, parallel, call) {
  let next = 0;
  const worker = async () => {
    while (next < count) await call(next++);
  };
  const [cpu, started] = [process.cpuUsage(), performance.now()];
  await Promise.all(Array.from({ length: parallel }, worker));
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / count, time: (ms * 1000) / count, rate: (count * 1000) / ms };
}

/** How many calls fit into a time. @param ms milliseconds */
export async function countFor(ms, call) {
  let count = 4;
  for (;;) {
    const { time } = await costOf(count, 1, call);
    if (time * count > (ms * 1000) / 4) return Math.max(1, Math.round((ms * 1000) / time));
    count *= 4;
  }
}
