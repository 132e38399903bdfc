import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** Collects garbage, and returns the size of this process's heap in bytes. */
export function heapUsed() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
