import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs a function with a temporary folder, which is then removed. */
export async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'waxseal-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a function that starts programs and adds them to a list, its argument. Then stops the programs, the last first. */
export async function withRunning(work) {
  const running = [];
  try {
    return await work(running);
  } finally {
    for (const { stop } of running.reverse()) await stop();
  }
}
