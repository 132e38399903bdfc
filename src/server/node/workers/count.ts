import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The file with the CPU limit of a container (cgroup v2). It contains a quota and a period, or `max` if there is no limit. */
const QUOTA = '/sys/fs/cgroup/cpu.max';

/**
 * Returns the number of workers for the setting `auto`: one for each core, but not more than the container may use.
 *
 * @param cores the number of cores of the machine
 * @param quota the text of the file {@link QUOTA}
 */
export function workersFor(cores: number, quota: string): number {
  const [used, period] = quota.trim().split(' ').map(Number);
  const share = used !== undefined && period !== undefined && used > 0 && period > 0 ? Math.ceil(used / period) : cores;
  return Math.max(1, Math.min(cores, share));
}

/** Returns the number of workers to start on this machine, for the value of the setting `--workers`. */
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
