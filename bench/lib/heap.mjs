import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** The size of this process's heap after a garbage collection. Bytes. */
export function heapUsed() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
