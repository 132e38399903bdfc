/** Pseudorandom numbers. The seed determines them, so that every finding can be repeated. */
export class Random {
  #state;

  /** @param numbers the seed of the run, and numbers that name the purpose */
  constructor(...numbers) {
    this.#state = new Uint32Array(4);
    for (const [at, number] of numbers.entries()) this.#state[at] = number;
    // Seeds are small and similar. These rounds make their streams different.
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  /** The generator sfc32: fast, and good enough for mutations. */
  #next() {
    const state = this.#state;
    const result = (state[0] + state[1] + state[3]) >>> 0;
    state[3] += 1;
    state[0] = state[1] ^ (state[1] >>> 9);
    state[1] = state[2] + (state[2] << 3);
    state[2] = ((state[2] << 21) | (state[2] >>> 11)) + result;
    return result;
  }

  /** Returns a whole number from 0 to `below` - 1. */
  below(below) {
    return Math.floor((this.#next() / 2 ** 32) * below);
  }

  chance(probability) {
    return this.#next() < probability * 2 ** 32;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** Picks a value from pairs `[weight, value]`. A larger weight is more likely. */
  weighted(choices) {
    let left = this.below(choices.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    return undefined;
  }

  /** Returns a whole number from 1 to `most`. Small ones are far more likely. */
  few(most) {
    return 1 + Math.floor(most ** (this.#next() / 2 ** 32) - 1);
  }

  bytes(length) {
    return Buffer.from(Array.from({ length }, () => this.#next() & 0xff));
  }
}
