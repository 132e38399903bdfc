import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** What a container may use of the machine's processors (cgroup v2): a quota and its period, or `max`. */
const QUOTA = '/sys/fs/cgroup/cpu.max';

/** How many workers `auto` stands for: one a core, and no more than a container has a quota for. */
export function workersFor(cores: number, quota: string): number {
  const [used, period] = quota.trim().split(' ').map(Number);
  const share = used !== undefined && period !== undefined && used > 0 && period > 0 ? Math.ceil(used / period) : cores;
  return Math.max(1, Math.min(cores, share));
}

/** The number of workers that a configuration asks for, on this machine. */
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
