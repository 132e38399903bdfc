/**
 * Rotates keys while thousands of tasks are under way. Run `npm run build` first, then:
 *
 *     node test/soak/rotation.mjs [--seconds 60] [--tasks 10000] [--every 5]
 *
 * First, three servers share a ring file, which is rotated every few seconds. Then three servers have the ring in an
 * environment variable, and are restarted one by one with a rotated ring. The script exits with 1 if a handle was lost,
 * or another condition does not hold.
 */
import { parseArgs } from 'node:util';
import { limitTime } from './programs.mjs';
import { conclude } from './report.mjs';
import { restartWithRotatedRing } from './rotation-environment.mjs';
import { rotateRingFile } from './rotation-file.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    tasks: { type: 'string', default: '10000' },
    every: { type: 'string', default: '5' },
  },
});
const seconds = Number(values.seconds);
const tasks = Number(values.tasks);

// The number of calls is fixed, so a slow machine may need more time.
limitTime(seconds * 8 + 120);
const file = await rotateRingFile({ seconds, tasks, every: Number(values.every) });
const environment = await restartWithRotatedRing({ tasks: Math.ceil(tasks / 5) });
conclude(
  [...file.failures, ...environment.failures],
  `${tasks} tasks over ${file.rotations} rotations and ${environment.tasks} over a rolling restart, ${file.calls + environment.calls} calls, 0 handles lost`,
);
