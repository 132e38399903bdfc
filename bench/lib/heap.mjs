import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** The size of this process's heap after a garbage collection, in bytes. */
export function heapUsed() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
