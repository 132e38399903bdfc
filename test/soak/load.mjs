import { helper } from './programs.mjs';

/** Several client processes that offer load together. */
export class Load {
  #clients;

  constructor(processes) {
    this.#clients = Array.from({ length: processes }, () => new Client());
  }

  /** Gives each process its own task numbers, so that all topics differ. */
  async number(from) {
    await Promise.all(this.#clients.map((client, at) => client.tell('number', { first: from + at * 1e6 })));
    return this;
  }

  /** Offers load in a closed loop: see `overload-client.mjs`. */
  async run(options) {
    await this.#order('closed', options);
    return this.#measured();
  }

  /**
   * Offers load in an open loop.
   *
   * @param onBegin called when all connections are open
   * @param onEnd called when the load ends, while the last calls still wait for answers
   * @param until called with the counts each second; true ends the load
   */
  async offer({ rate, connections, onBegin, onEnd, until, ...options }) {
    const share = this.#clients.length;
    const watch = setInterval(() => {
      if (until?.(this.counts())) for (const client of this.#clients) client.tell('enough');
    }, 1_000);
    for (const client of this.#clients) client.told.measured = undefined;
    const over = this.#order('open', { ...options, rate: rate / share, connections: Math.ceil(connections / share) });
    await Promise.race([over, Promise.all(this.#clients.map((client) => client.done('opened')))]);
    onBegin();
    await Promise.race([over, Promise.all(this.#clients.map((client) => client.measured()))]);
    onEnd();
    await over;
    clearInterval(watch);
    return this.#measured();
  }

  /** Reads every task once more. */
  verify(port) {
    return this.#order('verify', { port });
  }

  /** Returns the last two handles of every task, and ends the processes. */
  async tasks() {
    await this.#order('tasks');
    this.end();
    return this.#clients.flatMap(({ told }) => told.tasks);
  }

  /** Returns all calls so far, counted by outcome. */
  counts() {
    return sum(this.#clients.map(({ told }) => Object.entries(told.counts)));
  }

  problems() {
    return this.#clients.flatMap(({ told }) => told.problems);
  }

  /** Returns the last measurement: the seconds, the counts, and the number of answers for each response time (ms). */
  #measured() {
    const all = this.#clients.map(({ told }) => told.measured);
    const times = (of) => {
      const pairs = Object.entries(sum(all.map((measured) => measured[of]))).map(([took, count]) => [Number(took), count]);
      return pairs.sort(([a], [b]) => a - b);
    };
    return {
      seconds: all.reduce((total, { seconds }) => total + seconds, 0) / all.length,
      counts: sum(all.map(({ counts }) => Object.entries(counts))),
      accepted: times('accepted'),
      turnedAway: times('turnedAway'),
    };
  }

  #order(order, options) {
    return Promise.all(this.#clients.map((client) => client.tell(order, options)));
  }

  end() {
    for (const client of this.#clients) client.process.disconnect();
  }
}

class Client {
  process = helper('overload-client.mjs');
  told = { counts: {}, problems: [], tasks: [] };
  #done = new Map();

  constructor() {
    this.process.on('message', ({ done, ...told }) => {
      Object.assign(this.told, told);
      this.#done.get(told.measured ? 'measured' : done)?.resolve();
    });
    this.process.once('exit', (code) => {
      for (const { reject } of this.#done.values()) reject(new Error(`a client process ended with ${code}`));
    });
  }

  /** Gives the client an order. Settles when the order is done. */
  tell(order, options = {}) {
    this.process.send({ order, ...options });
    return this.done(order);
  }

  measured() {
    return this.done('measured');
  }

  done(order) {
    return new Promise((resolve, reject) => this.#done.set(order, { resolve, reject }));
  }
}

function sum(lists) {
  const total = {};
  for (const [key, count] of lists.flat()) total[key] = (total[key] ?? 0) + count;
  return total;
}
