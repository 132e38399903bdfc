import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from './connection.mjs';
import { waitForCore } from './core.mjs';
import { HEALTH, meaningOf } from './mcp.mjs';
import { Task } from './task.mjs';

/** The time between two health checks, in milliseconds. */
const EVERY_MS = 100;

/** The kernel's unit of CPU time (`getconf CLK_TCK`), equal on every Linux. */
const TICKS_PER_S = 100;

/** A server has recovered after this number of quick calls in a row, each within this time in milliseconds. */
const IN_A_ROW = 20;
const QUICK_MS = 250;

/** Watches the health and the memory of a server, like an orchestrator. */
export class Patient {
  #server;
  #health = { took: [], failed: [] };
  #watching = false;
  #watch;
  firstMemory;
  mostMemory = 0;
  lastMemory = 0;
  /** Returns how long the server has waited for a core so far, in milliseconds. */
  waited;

  constructor(server) {
    this.#server = server;
    this.waited = waitForCore(server.pid);
  }

  watch() {
    this.#watching = true;
    this.#watch = (async () => {
      this.firstMemory = this.memory();
      while (this.#watching) {
        const next = wait(EVERY_MS);
        await this.#ask();
        this.lastMemory = this.memory();
        this.mostMemory = Math.max(this.mostMemory, this.lastMemory);
        await next;
      }
    })();
  }

  /**
   * Ends the watch.
   *
   * @returns the times of the health checks in milliseconds, and the failures
   */
  async stopWatching() {
    this.#watching = false;
    await this.#watch;
    const health = this.#health;
    this.#health = { took: [], failed: [] };
    return health;
  }

  /** Returns the resident memory in MiB, or 0 after the process has ended. */
  memory() {
    try {
      return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#server.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024);
    } catch {
      return 0;
    }
  }

  /** Returns the CPU time of the process in seconds. Other work on the machine hardly changes this time. */
  cpu() {
    try {
      const fields = readFileSync(`/proc/${this.#server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
    } catch {
      return 0;
    }
  }

  /**
   * Waits until the server is as quick as before the load.
   *
   * @param milliseconds the longest wait
   * @param elsewhere whether to call from another address: the server refuses an address for a minute after the address
   *   has reached the rate limit
   * @returns the milliseconds until the recovery, or undefined
   */
  async recovers(milliseconds, elsewhere) {
    const connection = new Connection(this.#server, elsewhere ? { localAddress: '127.0.0.2' } : {});
    const began = performance.now();
    let first = began;
    for (let good = 0; good < IN_A_ROW; ) {
      const task = new Task(good);
      const at = performance.now();
      const { is, result } = await connection
        .exchange(task.request('start'))
        .then(meaningOf)
        .catch((error) => ({ is: error.kind }));
      const isGood = is === 'ok' && task.take('start', result) === undefined && performance.now() - at < QUICK_MS;
      if (!isGood) {
        good = 0;
        first = performance.now();
        if (first - began > milliseconds) break;
        await wait(50);
      } else good += 1;
    }
    connection.close();
    return first - began > milliseconds ? undefined : Math.round(first - began);
  }

  /** Checks the health over a new connection, like a probe. */
  async #ask() {
    const connection = new Connection(this.#server);
    const began = performance.now();
    try {
      const { status } = await connection.exchange(HEALTH);
      if (status !== 200) this.#health.failed.push(`status ${status}`);
    } catch (error) {
      this.#health.failed.push(error.message);
    }
    this.#health.took.push(performance.now() - began);
    connection.close();
  }
}
