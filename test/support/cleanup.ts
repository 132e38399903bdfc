/** Ends the processes of a test file and removes its files, after its last test. */
import { afterAll } from 'vitest';

const cleanups = new Set<() => unknown>();

/**
 * Calls a function after the last test of the running test file, even if tests failed.
 *
 * @returns a function that cancels the call. A test needs it if the process that `cleanup` would end has ended by itself
 */
export function atEndOfFile(cleanup: () => unknown): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/** `setup.ts` calls this for each test file, because many files share one copy of this module. */
export function cleanUpAtEndOfFile(): void {
  afterAll(async () => {
    const ending = [...cleanups];
    cleanups.clear();
    await Promise.all(ending.map((cleanup) => cleanup()));
  });
}
