/**
 * Makes and reads handles without Waxseal: `jose` signs, verifies and decrypts, and `node:crypto` encrypts with
 * any IV. So the tests can make handles that no ring would mint, and check that minted handles follow the RFCs.
 */
import { createCipheriv, createHmac, hkdfSync } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { base64url, compactDecrypt, FlattenedSign, flattenedVerify } from 'jose';
import type { Keys } from './support.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);

/** The protected header of the JWS, by the specification. */
export const innerHeader = (kid: string) => ({ alg: 'Ed25519', b64: false, crit: ['b64'], kid, typ: 'handle+jws' });

/** Signs any text or bytes as the claims, with any protected header. @returns 64 bytes */
export async function sign(
  claims: string | Uint8Array,
  { key, material }: Keys,
  header: object = innerHeader(key.kid),
): Promise<Uint8Array> {
  const payload = typeof claims === 'string' ? utf8(claims) : claims;
  const { signature } = await new FlattenedSign(payload).setProtectedHeader(header as { alg: string }).sign(material.signing);
  return base64url.decode(signature);
}

/** What {@link compose} does otherwise than usual. All members but `compress` break the format. */
export interface Otherwise {
  /** Whether to compress the plaintext, and to say so in the header. */
  readonly compress?: boolean;
  /** The bytes to encrypt. Default: the plaintext, deflated if `compress` is true. */
  readonly encrypted?: Uint8Array;
  /** 12 bytes to use instead of the derived IV. */
  readonly iv?: Uint8Array;
  /** The message to derive the IV from, instead of the header and the encrypted bytes. */
  readonly ivOver?: Uint8Array;
  /** The label to derive the IV key with, instead of the format's label, which ends with the `kid`. */
  readonly label?: string;
}

/** Encrypts any plaintext into a handle. Default: with the derived IV. */
export function compose(plaintext: Uint8Array, { key, material }: Keys, otherwise: Otherwise = {}): string {
  const { compress = false, encrypted = compress ? deflateRawSync(plaintext) : plaintext } = otherwise;
  const header = base64url.encode(
    JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: key.kid, typ: 'handle', ...(compress && { zip: 'DEF' }) }),
  );
  const seed = base64url.decode(material.signing.d as string);
  const ivKey = new Uint8Array(hkdfSync('sha256', seed, '', otherwise.label ?? `waxseal handle iv v1:${key.kid}`, 32));
  const over = otherwise.ivOver ?? Buffer.concat([utf8(`${header}.`), encrypted]);
  const iv = otherwise.iv ?? createHmac('sha256', ivKey).update(over).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', material.secret, iv).setAAD(utf8(header));
  const ciphertext = Buffer.concat([cipher.update(encrypted), cipher.final()]);
  return `${header}..${base64url.encode(iv)}.${base64url.encode(ciphertext)}.${base64url.encode(cipher.getAuthTag())}`;
}

/** Signs and encrypts any text or bytes as the claims. Without `otherwise`, it does so as the format demands. */
export async function handleOf(claims: string | Uint8Array, keys: Keys, otherwise?: Otherwise): Promise<string> {
  const text = typeof claims === 'string' ? utf8(claims) : claims;
  return compose(Buffer.concat([await sign(text, keys), text]), keys, otherwise);
}

/** Opens a handle with `jose` alone. @returns the claims @throws {Error} if `jose` refuses the handle */
export async function claimsBy({ key, material }: Keys, handle: string): Promise<unknown> {
  const { plaintext } = await compactDecrypt(handle, material.secret);
  const [signature, payload] = [plaintext.subarray(0, 64), plaintext.subarray(64)];
  const header = base64url.encode(JSON.stringify(innerHeader(key.kid)));
  const verified = await flattenedVerify(
    { protected: header, payload, signature: base64url.encode(signature) },
    { ...material.signing, d: undefined as never },
    { crit: { b64: true } } as never,
  );
  return JSON.parse(new TextDecoder().decode(verified.payload));
}
