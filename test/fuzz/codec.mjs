/**
 * Takes handles apart and puts them together with node:crypto and node:zlib. Shares no code with the tested verifier.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export const MAX_PLAINTEXT = 65_536;
export const SIGNATURE_LENGTH = 64;
export const IV_LENGTH = 12;

export function encode(data) {
  return Buffer.from(data).toString('base64url');
}

export function decode(text) {
  return Buffer.from(text, 'base64url');
}

export function outerHeader(kid, compressed) {
  return `{"alg":"dir","enc":"A256GCM","kid":"${kid}","typ":"handle"${compressed ? ',"zip":"DEF"' : ''}}`;
}

export function innerHeader(kid) {
  return `{"alg":"Ed25519","b64":false,"crit":["b64"],"kid":"${kid}","typ":"handle+jws"}`;
}

/** Derives a pair of keys from a text, as JWKs and as key objects. */
export function pairFrom(text, validity) {
  const [k, d] = ['secret', 'signing'].map((half) => createHash('sha256').update(`${text}:${half}`).digest());
  // node:crypto takes an Ed25519 seed only in PKCS #8.
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), d]);
  const signing = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const verification = createPublicKey(signing);
  const { x } = verification.export({ format: 'jwk' });
  const ivKey = ivKeyFrom(d, validity.kid);
  return {
    ...validity,
    secret: k,
    private: d,
    ivKey,
    signing,
    verification,
    jwks: [
      { kty: 'oct', use: 'enc', alg: 'A256GCM', ...validity, k: encode(k) },
      { kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'Ed25519', ...validity, x, d: encode(d) },
    ],
    // The secrets, in every spelling in which they could leak. No error may contain them.
    spellings: [k, d, ivKey].flatMap((bytes) => [encode(bytes), bytes.toString('hex'), bytes.toString('latin1'), bytes.join(',')]),
  };
}

/** Derives the key for IVs by HKDF (RFC 5869): extract without a salt, then expand to the first block of 32 bytes. */
export function ivKeyFrom(privateKey, kid) {
  const hmac = (key, ...data) => createHmac('sha256', key).update(Buffer.concat(data)).digest();
  return hmac(hmac(Buffer.alloc(32), privateKey), Buffer.from(`waxseal handle iv v1:${kid}`), Buffer.from([1]));
}

/** @param header the outer header as text @param encrypted the bytes to encrypt, compressed if the header says so */
export function derivedIv(header, encrypted, { ivKey }) {
  return createHmac('sha256', ivKey)
    .update(`${encode(header)}.`)
    .update(encrypted)
    .digest()
    .subarray(0, IV_LENGTH);
}

/** The JWS signing input, with an unencoded payload (RFC 7797 §3). */
export function signingInput(claims, kid) {
  return Buffer.concat([Buffer.from(`${encode(innerHeader(kid))}.`), Buffer.from(claims)]);
}

export function signatureOf(claims, pair) {
  return sign(null, signingInput(claims, pair.kid), pair.signing);
}

export function signatureFits(signature, claims, pair) {
  return verify(null, signingInput(claims, pair.kid), pair.verification, signature);
}

/** The signature and the claims, before compression and encryption. */
export function signed(claims, pair) {
  return Buffer.concat([signatureOf(claims, pair), Buffer.from(claims)]);
}

/** Encrypts bytes into a handle. @param data compressed if the header says so */
export function encrypted(data, pair, { header, iv = derivedIv(header, data, pair) }) {
  const encodedHeader = encode(header);
  const cipher = createCipheriv('aes-256-gcm', pair.secret, iv);
  cipher.setAAD(Buffer.from(encodedHeader));
  const ciphertext = Buffer.concat([cipher.update(data), cipher.final()]);
  return [encodedHeader, '', encode(iv), encode(ciphertext), encode(cipher.getAuthTag())].join('.');
}

/** Returns undefined if the tag does not match. */
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

/** @returns the output, and how many bytes follow the stream. Undefined: the stream is broken, or its output too long */
export function inflated(stream) {
  try {
    const { buffer, engine } = inflateRawSync(stream, { maxOutputLength: MAX_PLAINTEXT, info: true });
    return { bytes: buffer, surplus: stream.length - engine.bytesWritten };
  } catch {
    return undefined;
  }
}
