/** What a test file has started or made, ended when the file is over. */
import { afterAll } from 'vitest';

const cleanups = new Set<() => unknown>();

/**
 * Calls a function when the test file that runs is over, whatever became of it.
 *
 * @returns takes that back, for what has ended by itself
 */
export function atEndOfFile(cleanup: () => unknown): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/** Called for each file by `setup.ts`: this module is loaded once for many. */
export function cleanUpAtEndOfFile(): void {
  afterAll(async () => {
    const ending = [...cleanups];
    cleanups.clear();
    await Promise.all(ending.map((cleanup) => cleanup()));
  });
}
