/** How long no chunk arrives before a pause is reported, in milliseconds. A reader of `tail -f` does not notice it. */
const PAUSE_MS = 10;

/**
 * Passes the chunks of a log on. If the next chunk is late, yields undefined once before this chunk. A caller can
 * collect work while the chunks arrive quickly, and do this work in a pause.
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
    // While a chunk is awaited, the end of the iterator would wait for this chunk, which may never arrive.
    const ended = iterator.return?.();
    if (next === undefined) await ended;
    else ended?.catch(() => {});
  }
}

/** Tells whether a promise is still pending after the length of a pause. @throws what the promise throws before */
function isLate(promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(true), PAUSE_MS);
    promise.then(() => resolve(false), reject).finally(() => clearTimeout(timer));
  });
}
