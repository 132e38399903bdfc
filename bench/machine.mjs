import { cpus } from 'node:os';

/** The machine, the Node version and the date, without which figures mean little. */
export function machine() {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}

export function say(text = '') {
  process.stdout.write(`${text}\n`);
}
