/** Makes invalid handles, at least one for each error code of a handle, with the ring of the tested server. */
import { type Claims, issue, seal } from '../../src/handle/index.ts';
import { generateRing, mintingKey, parseRing, type RingDocument, toText } from '../../src/keys/index.ts';
import { systemClock } from '../../src/server/index.ts';

/** An invalid handle, and the code of its error. */
export interface BadHandle {
  readonly handle: string;
  readonly code: string;
}

/** @param good a valid handle of the ring, to damage */
export async function badHandles(document: RingDocument, good: string): Promise<readonly BadHandle[]> {
  const now = systemClock();
  const key = await keyOf(document, now);
  const state = { topic: 'kept from the log, whatever is wrong with it', depth: 1, status: 'running', results: [] };
  const birth = { kind: 'research@1', state, now, lifetime: 3_600 };
  const { claims } = await issue(birth, key);
  const reader: Claims = { ...claims, scp: ['read'] };
  const middle = Math.floor(good.length / 2);
  const other = good[middle] === 'A' ? 'B' : 'A';
  return [
    { code: 'malformed', handle: good.slice(0, -30) },
    { code: 'malformed', handle: `${good.slice(0, middle)} ${good.slice(middle)}` },
    { code: 'malformed', handle: good.repeat(40) },
    { code: 'rejected', handle: `${good.slice(0, middle)}${other}${good.slice(middle + 1)}` },
    { code: 'rejected', handle: (await issue(birth, await keyOf(await generateRing(now), now))).handle },
    { code: 'rejected', handle: (await issue({ ...birth, audience: 'elsewhere' }, key)).handle },
    { code: 'expired', handle: (await issue({ ...birth, now: now - 7_200 }, key)).handle },
    { code: 'wrong_kind', handle: (await issue({ ...birth, kind: 'basket@1' }, key)).handle },
    { code: 'forbidden', handle: await seal(reader, key) },
  ];
}

async function keyOf(document: RingDocument, now: number) {
  const key = mintingKey(await parseRing(toText(document)), now);
  if (key === undefined) throw new Error('the ring cannot mint');
  return key;
}
