/**
 * The floor: seals and opens handles with `node:crypto` alone, and makes only the checks that need a key. No code for
 * this format can be much faster.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createSecretKey,
  hkdfSync,
  sign,
  timingSafeEqual,
} from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

const SIGNATURE_LENGTH = 64;
const IV_LENGTH = 12;
/** The header of a DEFLATE block of 64 uncompressed bytes (RFC 1951 §3.2.4). */
const STORED = Buffer.from([0, 64, 0, 191, 255]);

const encode = (bytes) => Buffer.from(bytes).toString('base64url');
const decode = (text) => Buffer.from(text, 'base64url');

/**
 * @param keys the JWKs of a pair, the secret first
 * @param compress whether to compress where that shortens the handle
 */
export function floorOf([secretJwk, signingJwk], compress) {
  const { kid } = secretJwk;
  const secret = createSecretKey(decode(secretJwk.k));
  const signing = createPrivateKey({ key: signingJwk, format: 'jwk' });
  const ivKey = createSecretKey(Buffer.from(hkdfSync('sha256', decode(signingJwk.d), '', `waxseal handle iv v1:${kid}`, 32)));
  const headerOf = (zip) => encode(`{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle"${zip}}`);
  const [plain, deflated] = [headerOf(''), headerOf(',"zip":"DEF"')];
  const input = `${encode(`{"alg":"Ed25519","b64":false,"crit":["b64"],"kid":"${kid}","typ":"handle+jws"}`)}.`;
  const derived = (header, data) => createHmac('sha256', ivKey).update(`${header}.`).update(data).digest().subarray(0, IV_LENGTH);

  const layered = (signature, claims) => {
    const plaintext = Buffer.concat([signature, claims]);
    if (!compress) return [plain, plaintext];
    const data = Buffer.concat([STORED, signature, deflateRawSync(claims)]);
    const saved = ((plaintext.length - data.length) * 4) / 3;
    return saved > deflated.length - plain.length ? [deflated, data] : [plain, plaintext];
  };
  const seal = (claims) => {
    const text = JSON.stringify(claims);
    const [header, data] = layered(sign(null, Buffer.from(input + text), signing), Buffer.from(text));
    const iv = derived(header, data);
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(header));
    const ciphertext = Buffer.concat([cipher.update(data), cipher.final()]);
    return `${header}..${encode(iv)}.${encode(ciphertext)}.${encode(cipher.getAuthTag())}`;
  };
  const open = (handle) => {
    const [header, , encodedIv, ciphertext, tag] = handle.split('.');
    const iv = decode(encodedIv);
    const decipher = createDecipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(header)).setAuthTag(decode(tag));
    const data = Buffer.concat([decipher.update(decode(ciphertext)), decipher.final()]);
    if (!timingSafeEqual(derived(header, data), iv)) throw new Error('the IV is not the derived one');
    const plaintext = header === deflated ? inflateRawSync(data) : data;
    return JSON.parse(plaintext.subarray(SIGNATURE_LENGTH).toString());
  };
  return { seal, open };
}
