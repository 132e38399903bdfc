import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until a condition holds. It checks the condition often, so that a test takes no longer than necessary.
 *
 * @param what names the condition in the error, if the time runs out
 * @param within the longest wait, in milliseconds
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>, within = 45_000): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`timed out after ${within} ms, before this: ${what}`);
    await pause(5);
  }
}

/**
 * Waits for a promise. If the time runs out, it throws an error that names the promise, so that a hanging test says
 * where it hangs.
 */
export async function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`timed out after ${milliseconds} ms, before this: ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}
