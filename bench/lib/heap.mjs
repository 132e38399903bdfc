import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

/** What the heap of this process holds once garbage is collected. Bytes. */
export function heapUsed() {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
