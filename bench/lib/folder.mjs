import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a temporary folder, runs a function with it, and removes the folder afterwards. */
export async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'waxseal-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a function with an empty list, to which the function must add every program that it starts. Afterwards, all programs in
 * the list are stopped, the last program first.
 */
export async function withRunning(work) {
  const running = [];
  try {
    return await work(running);
  } finally {
    for (const { stop } of running.reverse()) await stop();
  }
}
