import { expect, test } from 'vitest';
import { workersFor } from '../../../../src/server/node/workers/count.ts';

test.each([
  [4, 'max', 4],
  [4, 'max 100000\n', 4],
  [8, '200000 100000\n', 2],
  [8, '150000 100000\n', 2],
  [2, '50000 100000\n', 1],
  [2, '', 2],
])('--workers auto, on %i cores with the CPU quota %j, starts %i workers', (cores, quota, expected) => {
  expect(workersFor(cores, quota)).toBe(expected);
});
