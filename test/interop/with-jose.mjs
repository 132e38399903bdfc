/**
 * with-jose.mjs RING < HANDLE: opens and verifies a handle with jose, without Waxseal's code, and prints the claims.
 */
import { readFileSync } from 'node:fs';
import { base64url, compactDecrypt, decodeProtectedHeader, flattenedVerify } from 'jose';

const handle = readFileSync(0, 'utf8').trim();
const { kid, typ } = decodeProtectedHeader(handle);
if (typ !== 'handle') throw new Error('not a handle of version 1');
const { keys } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const half = (kty) => keys.find((key) => key.kid === kid && key.kty === kty);

const { k } = half('oct');
const { plaintext } = await compactDecrypt(handle, base64url.decode(k), {
  keyManagementAlgorithms: ['dir'],
  contentEncryptionAlgorithms: ['A256GCM'],
  maxDecompressedLength: 65_536,
});

// The handle leaves out the inner header, which follows from the kid.
const inner = JSON.stringify({ alg: 'Ed25519', b64: false, crit: ['b64'], kid, typ: 'handle+jws' });
const jws = { protected: base64url.encode(inner), payload: plaintext.subarray(64), signature: base64url.encode(plaintext.subarray(0, 64)) };
const { kty, crv, x } = half('OKP');
const { payload } = await flattenedVerify(jws, { kty, crv, x }, { algorithms: ['Ed25519'] });
process.stdout.write(`${new TextDecoder().decode(payload)}\n`);
