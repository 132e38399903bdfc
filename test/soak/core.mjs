import { openSync, readSync } from 'node:fs';

/**
 * Tells how long the main thread of a process has waited for a core that other processes used. The server is not to
 * blame for this time. Only Linux reports it (`schedstat`); elsewhere it is 0.
 *
 * @returns a function that reads the time so far, in milliseconds; cheap enough for each request
 */
export function waitForCore(pid) {
  const bytes = Buffer.alloc(128);
  try {
    const file = openSync(`/proc/${pid}/task/${pid}/schedstat`, 'r');
    return () => {
      try {
        return Number(bytes.latin1Slice(0, readSync(file, bytes, 0, bytes.length, 0)).split(' ')[1]) / 1e6;
      } catch {
        // The process has ended.
        return 0;
      }
    };
  } catch {
    return () => 0;
  }
}
