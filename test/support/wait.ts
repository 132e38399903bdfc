import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until a condition holds, looking often: a test then takes as long as the machine needs, and no longer.
 *
 * @param what is named in the error, where the deadline passes first
 * @param within milliseconds
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>, within = 45_000): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`within ${within} ms it did not happen that ${what}`);
    await pause(5);
  }
}

/** What a promise gives, or an error that names what was waited for: a test that hangs says where. */
export async function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`within ${milliseconds} ms it did not happen that ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}
