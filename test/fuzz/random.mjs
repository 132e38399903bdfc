/** Pseudorandom numbers. Equal seeds give equal numbers, so that every finding can be repeated. */
export class Random {
  #state;

  /** @param numbers the seed of the run, and numbers that identify the purpose within the run */
  constructor(...numbers) {
    this.#state = new Uint32Array(4);
    for (const [at, number] of numbers.entries()) this.#state[at] = number;
    // Seeds are small and similar, so some rounds are needed to make their streams different.
    for (let round = 0; round < 12; round += 1) this.#next();
  }

  /** Returns the next number of the generator sfc32, which is fast and good enough for mutations. */
  #next() {
    const state = this.#state;
    const result = (state[0] + state[1] + state[3]) >>> 0;
    state[3] += 1;
    state[0] = state[1] ^ (state[1] >>> 9);
    state[1] = state[2] + (state[2] << 3);
    state[2] = ((state[2] << 21) | (state[2] >>> 11)) + result;
    return result;
  }

  /** Returns a random whole number from 0 to `below` - 1. */
  below(below) {
    return Math.floor((this.#next() / 2 ** 32) * below);
  }

  chance(probability) {
    return this.#next() < probability * 2 ** 32;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** Returns a random value of a list of pairs `[weight, value]`. A value with a larger weight is more likely. */
  weighted(choices) {
    let left = this.below(choices.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, value] of choices) {
      left -= weight;
      if (left < 0) return value;
    }
    return undefined;
  }

  /** Returns a random whole number from 1 to `most`. Small numbers are far more likely. */
  few(most) {
    return 1 + Math.floor(most ** (this.#next() / 2 ** 32) - 1);
  }

  bytes(length) {
    return Buffer.from(Array.from({ length }, () => this.#next() & 0xff));
  }
}
