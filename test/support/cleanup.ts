/** Ends processes and removes files after the last test of a file. */
import { afterAll } from 'vitest';

const cleanups = new Set<() => unknown>();

/** Calls `cleanup` after the last test of this file, even if tests fail. @returns a function that cancels this call */
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
