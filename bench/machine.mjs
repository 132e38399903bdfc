import { cpus } from 'node:os';

/** Where and when figures were taken: without it they say nothing. */
export function machine() {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}

export function say(text = '') {
  process.stdout.write(`${text}\n`);
}
