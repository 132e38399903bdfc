/** How long no chunk arrives before a pause is reported, in milliseconds. A reader of `tail -f` does not notice it. */
const PAUSE_MS = 10;

/**
 * Passes the chunks of a log on, and yields undefined in every pause between them. A caller can collect work while the
 * chunks arrive quickly, and do the rest of this work in a pause.
 */
export async function* withPauses<Chunk>(chunks: AsyncIterable<Chunk>): AsyncGenerator<Chunk | undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    while (true) {
      const next = iterator.next();
      if (await isLate(next)) yield undefined;
      const { done, value } = await next;
      if (done) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Tells whether a promise is still pending after the length of a pause. @throws what the promise throws before */
function isLate(promise: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, PAUSE_MS, true);
    promise.then(() => resolve(false), reject).finally(() => clearTimeout(timer));
  });
}
