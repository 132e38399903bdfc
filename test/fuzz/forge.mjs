/**
 * The makers of handles. The makers differ in the keys that they have. A record shows everything that was made with a
 * private key.
 */
import { decode, derivedIv, encrypted, IV_LENGTH, ivKeyFrom, outerHeader, signatureOf } from './codec.mjs';
import { signedName } from './corpus.mjs';

/**
 * The sorts of makers: one without keys, one with the AES secrets (an inspector), and one that also has the private
 * keys.
 */
export const MAKERS = ['anyone', 'inspector', 'signer'];

/**
 * A maker that changes one sample. `minted` collects the handles, and `signed` the claims, that it makes with a private
 * key. Of the handles that are not in the corpus, a replica may accept only those in `minted`. Of the claims that are not
 * in the corpus, an inspector may accept only those in `signed`.
 */
export class Forge {
  minted = new Set();
  signed = new Set();

  constructor(maker, { random, sample, samples, pairs }) {
    Object.assign(this, { maker, random, sample, samples, pairs });
  }

  /**
   * Returns a signature for a text. A maker without a private key uses the sample's signature, which is for another
   * text.
   */
  sign(text, pair = this.sample.pair) {
    if (this.maker !== 'signer') return this.sample.apart.signature;
    this.signed.add(signedName(pair.kid, text));
    return signatureOf(text, pair);
  }

  /**
   * Makes a handle from bytes with the derived IV. A maker without a private key uses another IV, such as the sample's.
   */
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
      // An inspector has the secret and the public key, so it may try to derive the IV from these.
      () => derivedIv(header, data, { ivKey: ivKeyFrom(random.pick([pair.secret, decode(pair.jwks[1].x)]), pair.kid) }),
    ])();
  }
}
