/** The makers of handles: which keys a maker has, and what the maker has made with a private key. */
import { decode, derivedIv, encrypted, IV_LENGTH, ivKeyFrom, outerHeader, signatureOf } from './codec.mjs';
import { signedName } from './corpus.mjs';

/** The kinds of makers: one without keys, one with the AES secrets (an inspector), and one with the private keys, too. */
export const MAKERS = ['anyone', 'inspector', 'signer'];

/**
 * A maker that changes one sample. `minted` and `signed` collect what it makes with a private key. Of all new handles, a
 * replica may accept only the former, and an inspector only claims among the latter.
 */
export class Forge {
  minted = new Set();
  signed = new Set();

  constructor(maker, { random, sample, samples, pairs }) {
    Object.assign(this, { maker, random, sample, samples, pairs });
  }

  /** A signature for a text: a new one, or, without a private key, an authentic one of another text. */
  sign(text, pair = this.sample.pair) {
    if (this.maker !== 'signer') return this.sample.apart.signature;
    this.signed.add(signedName(pair.kid, text));
    return signatureOf(text, pair);
  }

  /** A whole handle around bytes, under the derived IV, or, without a private key, under the best other IV. */
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
      // An inspector has the secret and the public key, and no private key.
      () => derivedIv(header, data, { ivKey: ivKeyFrom(random.pick([pair.secret, decode(pair.jwks[1].x)]), pair.kid) }),
    ])();
  }
}
