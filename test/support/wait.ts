import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until a condition holds. It checks often, so that tests are quick.
 *
 * @param what names the condition in the error
 * @param within the longest wait, in milliseconds
 */
export async function until(what: string, holds: () => boolean | Promise<boolean>, within = 45_000): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`timed out after ${within} ms; not yet true: ${what}`);
    await pause(5);
  }
}

/** Waits for a promise. After `milliseconds`, throws an error that names `what`, to tell which wait hangs. */
export async function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`timed out after ${milliseconds} ms; not yet true: ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
    late.catch(() => {});
  }
}
