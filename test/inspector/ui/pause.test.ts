import { expect, it } from 'vitest';
import { createPause } from '../../../src/inspector/ui/pause.ts';

/** Keeps the processor busy for the given number of milliseconds. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

it('long work lets other tasks run between its steps', async () => {
  let hasRun = false;
  setTimeout(() => {
    hasRun = true;
  }, 0);
  const pause = createPause();
  for (let step = 0; step < 50 && !hasRun; step += 1) {
    work(13);
    await pause();
  }
  expect(hasRun).toBe(true);
});
