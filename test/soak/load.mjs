import { helper } from './programs.mjs';

/** Several client processes that offer load together. */
export class Load {
  #clients;

  constructor(processes) {
    this.#clients = Array.from({ length: processes }, () => new Client());
  }

  /** Offers load in a closed loop: see `overload-client.mjs`. */
  run(options) {
    return this.#order('closed', options);
  }

  /**
   * Offers load in an open loop.
   *
   * @param onBegin called when all connections are open
   * @param until called with the counts each second; the load ends when this returns true
   */
  async offer({ rate, connections, onBegin, until, ...options }) {
    const share = this.#clients.length;
    const watch = setInterval(() => {
      if (until?.(this.counts())) for (const client of this.#clients) client.tell('enough');
    }, 1_000);
    const over = this.#order('open', { ...options, rate: rate / share, connections: Math.ceil(connections / share) });
    await Promise.race([over, Promise.all(this.#clients.map((client) => client.done('opened')))]);
    onBegin();
    await over;
    clearInterval(watch);
  }

  /** Lets the clients read every task once more. */
  verify(port) {
    return this.#order('verify', { port });
  }

  /** Returns the last two handles of every task, and ends the processes. */
  async tasks() {
    await this.#order('tasks');
    this.end();
    return this.#clients.flatMap(({ told }) => told.tasks);
  }

  counts() {
    return sum(this.#clients.map(({ told }) => Object.entries(told.counts)));
  }

  /** Returns the numbers of accepted and of refused calls, by their duration in milliseconds. */
  result() {
    const list = (of) => Object.entries(sum(this.#clients.map(({ told }) => told[of]))).map(([took, count]) => [Number(took), count]);
    const problems = this.#clients.flatMap(({ told }) => told.problems);
    return { counts: this.counts(), problems, accepted: list('accepted'), turnedAway: list('turnedAway') };
  }

  #order(order, options) {
    // The task numbers of the clients differ, so the topic identifies a task.
    return Promise.all(this.#clients.map((client, at) => client.tell(order, { ...options, first: at * 1e6 })));
  }

  end() {
    for (const client of this.#clients) client.process.disconnect();
  }
}

class Client {
  process = helper('overload-client.mjs');
  told = { counts: {}, problems: [], accepted: [], turnedAway: [], tasks: [] };
  #done = new Map();

  constructor() {
    this.process.on('message', ({ done, ...told }) => {
      Object.assign(this.told, told);
      this.#done.get(done)?.resolve();
    });
    this.process.once('exit', (code) => {
      for (const { reject } of this.#done.values()) reject(new Error(`a client process ended with ${code}`));
    });
  }

  /** Gives an order to the client. The promise settles when the client reports that it is done. */
  tell(order, options = {}) {
    this.process.send({ order, ...options });
    return this.done(order);
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
