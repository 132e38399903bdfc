/** The same bytes as ours by bare `node:crypto`, with nothing checked that keys do not check: what no handle can be cheaper than. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { COMPRESSION_THRESHOLD } from '../../dist/handle/index.js';

const encode = (bytes) => Buffer.from(bytes).toString('base64url');
const decode = (text) => Buffer.from(text, 'base64url');
const SIGNATURE_HEADER = encode('{"alg":"Ed25519","typ":"handle+jwt"}');

/** @param keys the two JWKs of a pair, secret first @param compress whether what is long is deflated before it is encrypted */
export function floorOf([secretJwk, signingJwk], compress) {
  const secret = createSecretKey(decode(secretJwk.k));
  const signing = createPrivateKey({ key: signingJwk, format: 'jwk' });
  const verification = createPublicKey(signing);
  const headerOf = (zip) => encode(`{"alg":"dir","enc":"A256GCM","kid":"${secretJwk.kid}","cty":"JWT"${zip}}`);
  const [plain, deflated] = [headerOf(''), headerOf(',"zip":"DEF"')];

  const seal = (claims) => {
    const input = `${SIGNATURE_HEADER}.${encode(JSON.stringify(claims))}`;
    const jws = Buffer.from(`${input}.${sign(null, Buffer.from(input), signing).toString('base64url')}`);
    const header = compress && jws.length > COMPRESSION_THRESHOLD ? deflated : plain;
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from(header));
    const ciphertext = Buffer.concat([cipher.update(header === deflated ? deflateRawSync(jws) : jws), cipher.final()]);
    return `${header}..${encode(iv)}.${encode(ciphertext)}.${encode(cipher.getAuthTag())}`;
  };
  const open = (handle) => {
    const [header, , iv, ciphertext, tag] = handle.split('.');
    const decipher = createDecipheriv('aes-256-gcm', secret, decode(iv)).setAAD(Buffer.from(header)).setAuthTag(decode(tag));
    const plaintext = Buffer.concat([decipher.update(decode(ciphertext)), decipher.final()]);
    const jws = (header === deflated ? inflateRawSync(plaintext) : plaintext).toString();
    const end = jws.lastIndexOf('.');
    if (!verify(null, Buffer.from(jws.slice(0, end)), verification, decode(jws.slice(end + 1)))) throw new Error('bad signature');
    return JSON.parse(decode(jws.slice(SIGNATURE_HEADER.length + 1, end)).toString());
  };
  return { seal, open };
}
