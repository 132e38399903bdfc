import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The CPU limit of a container (cgroup v2): a quota and a period, or `max`. */
const QUOTA = '/sys/fs/cgroup/cpu.max';

/**
 * Returns the number of workers for `auto`: one for each core that the container may use.
 *
 * @param cores the number of cores of the machine
 * @param quota the text of {@link QUOTA}
 */
export function workersFor(cores: number, quota: string): number {
  const [used, period] = quota.trim().split(' ').map(Number);
  const share = used !== undefined && period !== undefined && used > 0 && period > 0 ? Math.ceil(used / period) : cores;
  return Math.max(1, Math.min(cores, share));
}

/** Returns the number of workers for a value of `--workers`, on this machine. */
export function countOf(workers: number | 'auto'): number {
  return workers === 'auto' ? workersFor(availableParallelism(), quotaHere()) : workers;
}

function quotaHere(): string {
  try {
    return readFileSync(QUOTA, 'utf8');
  } catch {
    return 'max';
  }
}
