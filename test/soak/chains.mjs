import { readFileSync } from 'node:fs';
import { authenticate, succeeds } from '../../dist/handle/index.js';
import { openingKey, parseRing } from '../../dist/keys/index.js';

/** Counts the tasks whose last handle does not open, or does not follow the previous handle. */
export async function brokenChains(ringPath, tasks) {
  const ring = await parseRing(readFileSync(ringPath, 'utf8'));
  const now = Math.floor(Date.now() / 1000);
  const read = async (handle) => ({ handle, claims: (await authenticate(handle, (kid) => openingKey(ring, kid, now))).claims });
  const isWhole = async ({ handle, previous }) => {
    const last = await read(handle);
    return previous === undefined ? last.claims.rev === 1 : succeeds(last, await read(previous));
  };
  let broken = 0;
  for (const task of tasks) if (!(await isWhole(task).catch(() => false))) broken += 1;
  return broken;
}
