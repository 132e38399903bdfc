/** A wait of this many milliseconds for a chunk is a pause. Readers of `tail -f` do not notice it. */
const PAUSE_MS = 10;

/**
 * Passes the chunks of a log on. If the next chunk is late, yields undefined first, so that callers can work in the
 * pause.
 */
export async function* withPauses<Chunk>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk | undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<Chunk>> | undefined;
  try {
    while (true) {
      next = iterator.next();
      if (await isLate(next)) yield undefined;
      const { done, value } = await next;
      next = undefined;
      if (done) return;
      yield value;
    }
  } finally {
    // While a chunk is awaited, do not await `return()`: it waits for this chunk, which may never come.
    const ended = iterator.return?.();
    if (next === undefined) await ended;
    else ended?.catch(() => {});
  }
}

/** Tells whether a promise is still pending after a pause. @throws the promise's error, if it rejects in the pause */
function isLate(promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(true), PAUSE_MS);
    promise.then(() => resolve(false), reject).finally(() => clearTimeout(timer));
  });
}
