/** Keeps a value that is fetched again and again, and shares one fetch among concurrent requests. */

/** The shortest time between a failed attempt and the next, where nothing is urgent, in milliseconds. */
export const PAUSE_MS = 5_000;

export interface Kept<Value> {
  /** The value that was fetched last, and when it arrived, in milliseconds since 1970. */
  held(): { readonly value: Value; readonly at: number } | undefined;
  /** The last failure, and when it happened. */
  failed(): { readonly error: Error; readonly at: number } | undefined;
  /** Whether a fetch is under way, and new enough to wait for. */
  isFetching(): boolean;
  /** Fetches the value, or waits for the fetch that is under way. A failure keeps the held value. */
  fetch(): Promise<Value>;
}

/** @param onFailure called once for each fetch that fails */
export function kept<Value>(load: () => Promise<Value>, onFailure: (error: Error) => void): Kept<Value> {
  let held: { readonly value: Value; readonly at: number; readonly since: number } | undefined;
  let failed: { readonly error: Error; readonly at: number } | undefined;
  let running: { readonly result: Promise<Value>; readonly since: number } | undefined;

  const run = async (since: number) => {
    try {
      const value = await load();
      if (held === undefined || since >= held.since) held = { value, at: Date.now(), since };
      return value;
    } catch (error) {
      failed = { error: error as Error, at: Date.now() };
      onFailure(error as Error);
      throw error;
    }
  };
  // After the pause, nobody waits for a fetch that hangs. An edge runtime can even drop a fetch with the request that
  // began it, and then the fetch never ends.
  const isFetching = () => running !== undefined && !isPauseOver(running.since);
  return {
    held: () => held,
    failed: () => failed,
    isFetching,
    fetch: () => {
      if (running !== undefined && isFetching()) return running.result;
      const since = Date.now();
      const result = run(since);
      running = { result, since };
      const end = () => {
        if (running?.result === result) running = undefined;
      };
      // The fetch goes on if no request waits for it any more.
      result.then(end, end);
      return result;
    },
  };
}

/** Tells whether the pause after a moment is over. @param at milliseconds since 1970; undefined means never */
export function isPauseOver(at: number | undefined, pause = PAUSE_MS): boolean {
  return at === undefined || Date.now() - at >= pause;
}

/** Waits for a promise, but not longer than a time. @throws the error that `late` makes, if the time is over */
export async function within<Value>(ms: number, promise: Promise<Value>, late: () => Error): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([promise, end]);
  } finally {
    clearTimeout(timer);
  }
}
