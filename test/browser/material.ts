/** Makes fresh rings, handles and logs for the tests of the page. */
import { attenuate, type IssuedHandle, issue, type MintingKey, open, reissue } from '../../src/handle/index.ts';
import {
  generateRing,
  mintingKey,
  openingKey,
  parseDocument,
  parseRing,
  toDocument,
  toText,
  withoutSigning,
} from '../../src/keys/index.ts';

/** The time at which the handles are made, in seconds since 1970. */
export const NOW = Math.floor(Date.now() / 1000);

export const HOUR = 3_600;

/** Makes a ring, in its full and its inspector form, and functions that make handles with it. */
export async function newMaterial() {
  const full = toText(await generateRing(NOW - HOUR));
  const inspector = toText(toDocument(withoutSigning(parseDocument(full).pairs)));
  const ring = await parseRing(full);
  const key = mintingKey(ring, NOW) as MintingKey;
  const expected = {
    findKey: (kid: string) => openingKey(ring, kid, NOW),
    now: NOW,
    kinds: new Map([['research@1', (state: unknown) => state]]),
    needs: ['read'],
  };

  return {
    full,
    inspector,
    key,
    begin: (state: unknown = { topic: 'otters', status: 'running', results: [] }, members: { audience?: string; subject?: string } = {}) =>
      issue({ kind: 'research@1', state, now: NOW - 60, lifetime: HOUR, ...members }, key),
    goOn: async ({ handle }: IssuedHandle, state: unknown) =>
      reissue(await open(handle, expected), { kind: 'research@1', state, now: NOW - 30 }, key),
    delegate: async ({ handle, claims }: IssuedHandle) =>
      attenuate(await open(handle, expected), { rights: ['read'], exp: claims.exp - 600, now: NOW - 20 }, key),
  };
}

export type Material = Awaited<ReturnType<typeof newMaterial>>;

/**
 * Makes a log with two tasks. The first task is forked at its second revision, and is delegated. The second task lacks
 * its beginning, and has a replay.
 */
export async function newLog({ begin, goOn, delegate }: Material) {
  const born = await begin();
  const second = await goOn(born, { topic: 'otters', step: 2 });
  const [third, other] = [await goOn(second, { topic: 'otters', step: 3 }), await goOn(second, { topic: 'otters', step: 'three' })];
  const handedOn = await delegate(second);
  const fourth = await goOn(third, { topic: 'otters', step: 4 });

  const missing = await begin({ topic: 'beavers' });
  const found = await goOn(missing, { topic: 'beavers', step: 2 });
  const last = await goOn(found, { topic: 'beavers', step: 3 });

  const lines = [
    issued(born),
    presented(born),
    issued(second),
    presented(second),
    issued(third),
    issued(other),
    issued(handedOn),
    presented(third),
    issued(fourth),
    issued(found),
    issued(last),
    presented(found),
  ];
  const text = lines.map((line, at) => JSON.stringify({ time: (NOW + at) * 1000, ...line })).join('\n');
  return { text, forked: { born, second, third, other, handedOn, fourth }, replayed: { missing, found, last } };
}

function issued({ handle, claims: { jti, kind, rev, exp, scp } }: IssuedHandle) {
  const info = {
    id: jti,
    kind,
    revision: rev,
    expires_at: new Date(exp * 1000).toISOString().replace('.000Z', 'Z'),
    ...(scp && { rights: scp }),
  };
  return { jsonrpc: '2.0', id: 1, result: { structuredContent: { handle, handle_info: info } } };
}

function presented({ handle }: IssuedHandle) {
  return { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'get_task_status', arguments: { handle } } };
}
