/**
 * Runs Project Wycheproof's vectors for AES-GCM and Ed25519 against the keys of both platforms: `npm run
 * test:wycheproof`. The vectors in wycheproof/ are unchanged files from https://github.com/C2SP/wycheproof, at commit
 * dac1dd4729fd1f8dd9e1e9f3dce51d783da6c166. They have their own licence (Apache 2.0).
 *
 * For AES-GCM the script runs only the vectors that fit a handle: 256-bit keys, 96-bit IVs and 128-bit tags. The script
 * exits with 1 if a key accepts an invalid vector, refuses a valid vector, or encrypts a plaintext to another
 * ciphertext than the vector's.
 */
import { readFileSync } from 'node:fs';
import * as node from '../../dist/handle/platform/node.js';
import * as web from '../../dist/handle/platform/web.js';

const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data) => Buffer.from(data).toString('hex');
const base64url = (text) => Buffer.from(text, 'hex').toString('base64url');
const vectors = (name) => JSON.parse(readFileSync(new URL(`wycheproof/${name}`, import.meta.url), 'utf8')).testGroups;

/** Fixed keys for the half of the pair that a vector does not test. */
const ANY = {
  kid: 'wycheproof',
  k: base64url('00'.repeat(32)),
  x: base64url('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'),
};
const PRIVATE = base64url('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');

let [passed, failed] = [0, 0];
for (const [name, platform] of Object.entries({ node, web })) {
  for (const { tests } of vectors('aes_gcm_test.json').filter(
    ({ ivSize, keySize, tagSize }) => ivSize === 96 && keySize === 256 && tagSize === 128,
  )) {
    for (const vector of tests) await judge(`${name}, AES-GCM ${vector.tcId}`, () => fitsAesGcm(platform, vector));
  }
  for (const { publicKey, tests } of vectors('ed25519_test.json')) {
    for (const vector of tests)
      await judge(`${name}, Ed25519 ${vector.tcId} (${vector.comment})`, () => fitsEd25519(platform, publicKey.pk, vector));
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function judge(what, fits) {
  if (await fits()) passed += 1;
  else {
    failed += 1;
    process.stdout.write(`FAILED ${what}\n`);
  }
}

/**
 * Tells whether the key refuses an invalid vector; or decrypts a valid vector to its plaintext, and encrypts this
 * plaintext to the vector's ciphertext.
 */
async function fitsAesGcm(platform, { key: k, iv, aad, msg, ct, tag, result }) {
  const key = await platform.mintingKeyFrom({ ...ANY, k: base64url(k), d: PRIVATE });
  const opened = await attempt(() => key.decrypt({ iv: bytes(iv), ciphertext: bytes(ct), tag: bytes(tag) }, bytes(aad)));
  if (result !== 'valid') return opened === undefined;
  const sealed = await key.encrypt(bytes(msg), bytes(iv), bytes(aad));
  return opened !== undefined && hex(opened) === msg && hex(sealed.ciphertext) === ct && hex(sealed.tag) === tag;
}

async function fitsEd25519(platform, pk, { msg, sig, result }) {
  const key = await platform.openingKeyFrom({ ...ANY, x: base64url(pk) });
  return (await key.verify(bytes(sig), bytes(msg))) === (result === 'valid');
}

async function attempt(work) {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
