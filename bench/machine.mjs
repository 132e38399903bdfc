import { cpus } from 'node:os';

/** Returns the machine, the Node version and the date of a measurement. Without these, the figures mean little. */
export function machine() {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`;
}

/** Prints a line on standard output. */
export function say(text = '') {
  process.stdout.write(`${text}\n`);
}
