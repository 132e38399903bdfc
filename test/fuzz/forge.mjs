/** The makers of handles, who differ in their keys. They record every handle and signature made with a private key. */
import { decode, derivedIv, encrypted, IV_LENGTH, ivKeyFrom, outerHeader, signatureOf } from './codec.mjs';
import { signedName } from './corpus.mjs';

/** The makers: one without keys, one with the AES secrets (an inspector), and one with the private keys, too. */
export const MAKERS = ['anyone', 'inspector', 'signer'];

/**
 * Changes one sample. `minted` and `signed` collect the handles and claims made with a private key. A replica may
 * accept only handles of the corpus or in `minted`, and an inspector only claims of the corpus or in `signed`.
 */
export class Forge {
  minted = new Set();
  signed = new Set();

  constructor(maker, { random, sample, samples, pairs }) {
    Object.assign(this, { maker, random, sample, samples, pairs });
  }

  /** Signs a text. A maker without a private key uses the sample's signature, which is for another text. */
  sign(text, pair = this.sample.pair) {
    if (this.maker !== 'signer') return this.sample.apart.signature;
    this.signed.add(signedName(pair.kid, text));
    return signatureOf(text, pair);
  }

  /** Makes a handle with the derived IV. A maker without a private key uses another IV, such as the sample's. */
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
      // An inspector has the secret and the public key, and may try to derive the IV from these.
      () => derivedIv(header, data, { ivKey: ivKeyFrom(random.pick([pair.secret, decode(pair.jwks[1].x)]), pair.kid) }),
    ])();
  }
}
