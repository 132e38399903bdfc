import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The file with the CPU limit of a container (cgroup v2): a quota and its period, or `max`. */
const QUOTA = '/sys/fs/cgroup/cpu.max';

/** Counts the workers that `auto` means: one for each core, within the quota of the container. */
export function workersFor(cores: number, quota: string): number {
  const [used, period] = quota.trim().split(' ').map(Number);
  const share = used !== undefined && period !== undefined && used > 0 && period > 0 ? Math.ceil(used / period) : cores;
  return Math.max(1, Math.min(cores, share));
}

/** Counts the workers that a configuration asks for on this machine. */
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
