/** Who makes a handle of a case, what he can make it with, and what of it he made with a signing key. */
import { decode, derivedIv, encrypted, IV_LENGTH, ivKeyFrom, outerHeader, signatureOf } from './codec.mjs';
import { signedName } from './corpus.mjs';

/** Who has no key at all, who has the AES secrets (an inspector), who has the private keys, too. */
export const MAKERS = ['anyone', 'inspector', 'signer'];

/**
 * A maker at work on one sample. `minted` and `signed` grow by use: a replica may accept nothing else that is new, and
 * an inspector no other text.
 */
export class Forge {
  minted = new Set();
  signed = new Set();

  constructor(maker, { random, sample, samples, pairs }) {
    Object.assign(this, { maker, random, sample, samples, pairs });
  }

  /** A signature under text: a new one, or the best that can be had without a private key, an authentic one of another text. */
  sign(text, pair = this.sample.pair) {
    if (this.maker !== 'signer') return this.sample.apart.signature;
    this.signed.add(signedName(pair.kid, text));
    return signatureOf(text, pair);
  }

  /** A whole handle around bytes, under the IV that follows from them, or the best that can be had without a private key. */
  seal(data, compressed, { pair = this.sample.pair, header = outerHeader(pair.kid, compressed) } = {}) {
    if (this.maker !== 'signer') return encrypted(data, pair, { header, iv: this.#borrowedIv(header, data, pair) });
    const handle = encrypted(data, pair, { header });
    this.minted.add(handle);
    return handle;
  }

  #borrowedIv(header, data, pair) {
    const { random, sample } = this;
    return random.pick([
      () => decode(sample.apart.parts[2]),
      () => decode(random.pick(this.samples).apart.parts[2]),
      () => random.bytes(IV_LENGTH),
      () => Buffer.alloc(IV_LENGTH),
      // What an inspector has in place of the private key: the secret, and the public key.
      () => derivedIv(header, data, { ivKey: ivKeyFrom(random.pick([pair.secret, decode(pair.jwks[1].x)]), pair.kid) }),
    ])();
  }
}
