/** Handles taken apart and put together on node:crypto and node:zlib alone: no line of it is shared with what is attacked. */
import { createCipheriv, createDecipheriv, createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export const INNER_HEADER = encode('{"alg":"Ed25519","typ":"handle+jwt"}');
export const MAX_PLAINTEXT = 65_536;

export function encode(data) {
  return Buffer.from(data).toString('base64url');
}

export function decode(text) {
  return Buffer.from(text, 'base64url');
}

export function outerHeader(kid, compressed) {
  return `{"alg":"dir","enc":"A256GCM","kid":"${kid}","cty":"JWT"${compressed ? ',"zip":"DEF"' : ''}}`;
}

/** A pair that follows from a text, as JWKs and as keys. */
export function pairFrom(text, validity) {
  const [k, d] = ['secret', 'signing'].map((half) => createHash('sha256').update(`${text}:${half}`).digest());
  // PKCS #8 is the one form in which node:crypto takes an Ed25519 seed.
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), d]);
  const signing = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const verification = createPublicKey(signing);
  const { x } = verification.export({ format: 'jwk' });
  return {
    ...validity,
    secret: k,
    signing,
    verification,
    jwks: [
      { kty: 'oct', use: 'enc', alg: 'A256GCM', ...validity, k: encode(k) },
      { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', ...validity, x, d: encode(d) },
    ],
    // What must not be found in an error: the private halves, in the spellings in which they could slip out.
    spellings: [k, d].flatMap((bytes) => [encode(bytes), bytes.toString('hex'), bytes.toString('latin1'), bytes.join(',')]),
  };
}

export function signed(payload, pair) {
  const input = `${INNER_HEADER}.${encode(payload)}`;
  return `${input}.${encode(sign(null, Buffer.from(input), pair.signing))}`;
}

/** @param plaintext as it is to be encrypted: compressed already where the header says so */
export function encrypted(plaintext, pair, { header, iv }) {
  const encodedHeader = encode(header);
  const cipher = createCipheriv('aes-256-gcm', pair.secret, iv);
  cipher.setAAD(Buffer.from(encodedHeader));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return [encodedHeader, '', encode(iv), encode(ciphertext), encode(cipher.getAuthTag())].join('.');
}

/** The plaintext; undefined where the tag does not fit. */
export function decrypted([header, , iv, ciphertext, tag], pair) {
  const decipher = createDecipheriv('aes-256-gcm', pair.secret, decode(iv), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(header));
  decipher.setAuthTag(decode(tag));
  try {
    return Buffer.concat([decipher.update(decode(ciphertext)), decipher.final()]);
  } catch {
    return undefined;
  }
}

export function deflated(data, level = -1) {
  return deflateRawSync(data, { level });
}

/** What a stream inflates to, and how much of it that took; undefined where it does not, or to more than is read. */
export function inflated(stream) {
  try {
    const { buffer, engine } = inflateRawSync(stream, { maxOutputLength: MAX_PLAINTEXT, info: true });
    return { bytes: buffer, surplus: stream.length - engine.bytesWritten };
  } catch {
    return undefined;
  }
}

export function signatureFits(jws, pair) {
  const end = jws.lastIndexOf('.');
  return verify(null, Buffer.from(jws.slice(0, end)), pair.verification, decode(jws.slice(end + 1)));
}
