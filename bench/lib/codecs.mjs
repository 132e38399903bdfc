/** The compared codecs. `seal(state)` returns a string that a client can carry, and `open(string)` the state. */
import { randomBytes } from 'node:crypto';
import Iron from '@hapi/iron';
import { createRequestStateCodec } from '@modelcontextprotocol/server';
import { base64url, EncryptJWT, jwtDecrypt } from 'jose';
import { open, seal } from '../../dist/handle/index.js';
import * as web from '../../dist/handle/platform/web.js';
import { mintingKey, openingKey, parseRing } from '../../dist/keys/index.js';
import { floorOf } from './floor.mjs';
import { ringDocument } from './ring.mjs';

/** The longest handle, in characters: more than the default, so that a state of 10 KB fits uncompressed. */
const MAX_LENGTH = 32_768;
const LIFETIME_S = 86_400;

/**
 * @returns the codecs in the order of the table. A codec's `floor` names the codec with which the table compares it.
 */
export async function codecs() {
  const now = Math.floor(Date.now() / 1000);
  const document = await ringDocument();
  const ring = await parseRing(JSON.stringify(document));
  const key = mintingKey(ring, now);
  const claimsOf = (state) => ({ jti: 'AAECAwQFBgcICQoL', kind: 'research@1', rev: 1, iat: now, exp: now + LIFETIME_S, st: state });
  const expected = {
    findKey: (kid) => openingKey(ring, kid, now),
    now,
    kinds: new Map([['research@1', (state) => state]]),
    needs: [],
    maxLength: MAX_LENGTH,
  };
  const [{ k }, { kid, x, d }] = document.keys;
  const webKey = await web.mintingKeyFrom({ kid, k, x, d });
  const inspectorRing = await parseRing(JSON.stringify({ keys: document.keys.map(({ d: _private, ...jwk }) => jwk) }));
  const inspectorKey = openingKey(inspectorRing, kid, now);
  const secret = base64url.decode(k);
  const ours = (compress, by = key, reader = by) => ({
    seal: (state) => seal(claimsOf(state), by, { compress, maxLength: MAX_LENGTH }),
    open: async (handle) => (await open(handle, { ...expected, findKey: () => reader })).state,
  });
  const floor = (compressed) => {
    const { seal: sealed, open: opened } = floorOf(document.keys, compressed);
    return { seal: (state) => sealed(claimsOf(state)), open: (handle) => opened(handle).st };
  };
  const sdk = createRequestStateCodec({ key: randomBytes(32), ttlSeconds: LIFETIME_S });
  const password = randomBytes(32).toString('hex');
  const header = { alg: 'dir', enc: 'A256GCM' };
  return [
    { name: 'node:crypto, the floor', ...floor(false) },
    { name: 'waxseal', floor: 'node:crypto, the floor', ...ours(false) },
    { name: 'waxseal, keys of Web Crypto', floor: 'node:crypto, the floor', ...ours(false, webKey) },
    { name: 'waxseal, opened by an inspector', floor: 'node:crypto, the floor', ...ours(false, key, inspectorKey) },
    { name: 'node:crypto, compressed', ...floor(true) },
    { name: 'waxseal, compressed', floor: 'node:crypto, compressed', ...ours(true) },
    {
      name: 'SDK requestState (signed only)',
      floor: 'node:crypto, the floor',
      seal: (state) => sdk.mint(state),
      open: (text) => sdk.verify(text, {}),
    },
    {
      name: '@hapi/iron',
      floor: 'node:crypto, the floor',
      seal: (state) => Iron.seal(state, password, Iron.defaults),
      open: (text) => Iron.unseal(text, password, Iron.defaults),
    },
    {
      name: 'jose EncryptJWT (not signed)',
      floor: 'node:crypto, the floor',
      seal: (state) => new EncryptJWT(claimsOf(state)).setProtectedHeader(header).encrypt(secret),
      open: async (text) => (await jwtDecrypt(text, secret)).payload.st,
    },
  ];
}

/**
 * Checks that each codec opens its own strings. A codec of Waxseal has the same format as the `node:crypto` codec that
 * its `floor` names, so the two must also open each other's strings.
 *
 * @throws {Error} if a codec fails. The message names it.
 */
export async function requireSound(list, state) {
  const named = (name) => list.find((codec) => codec.name === name);
  const pairs = list.flatMap((codec) => [
    [codec, codec],
    ...(codec.name.startsWith('waxseal')
      ? [
          [codec, named(codec.floor)],
          [named(codec.floor), codec],
        ]
      : []),
  ]);
  for (const [sealer, opener] of pairs) {
    const opened = await opener.open(await sealer.seal(state));
    if (JSON.stringify(opened) !== JSON.stringify(state)) throw new Error(`${opener.name} does not open what ${sealer.name} seals`);
  }
}
