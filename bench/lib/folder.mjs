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

/** Runs a function, which adds the programs that it starts to a list. Then stops them all, the last one first. */
export async function withRunning(work) {
  const running = [];
  try {
    return await work(running);
  } finally {
    for (const { stop } of running.reverse()) await stop();
  }
}
