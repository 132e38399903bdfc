import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs something with a folder for its files, which is gone afterwards. */
export async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'waxseal-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs something with a list to which it adds what must be ended, and ends all of it, the last first. */
export async function withRunning(work) {
  const running = [];
  try {
    return await work(running);
  } finally {
    for (const { stop } of running.reverse()) await stop();
  }
}
