import { Connection, NoAnswer } from './connection.mjs';
import { meaningOf } from './mcp.mjs';

/** After this number of failed tries, a call counts as unanswered. */
const TRIES = 10;

/** The wait after every replica has refused a call, in milliseconds. */
const BREATH_MS = 200;

/** Calls replicas like a load balancer: each call goes to a random replica, and after a failure to the next. */
export class Caller {
  #connections;
  #counts;

  /** @param counts the caller's counts: `calls`, `shed` (503, sent again) and `cut` (no complete answer, sent again) */
  constructor(replicas, counts) {
    this.#connections = replicas.map((replica) => new Connection(replica));
    this.#counts = counts;
  }

  /** Makes a call of a task. @param move which call (see `Task.request`) @returns why it failed, or undefined */
  async move(task, move) {
    const request = task.request(move);
    let place = Math.floor(Math.random() * this.#connections.length);
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const { is, result, why } = await this.#send(place, request);
      if (is === 'ok') {
        this.#counts.calls += 1;
        return task.take(move, result);
      }
      if (is !== 'shed' && is !== 'cut') return `${move}: ${is}: ${why}`;
      this.#counts[is] += 1;
      place = (place + 1) % this.#connections.length;
      if (tries % this.#connections.length === 0) await new Promise((resolve) => setTimeout(resolve, BREATH_MS));
    }
    return `${move}: not served in ${TRIES} tries`;
  }

  close() {
    for (const connection of this.#connections) connection.close();
  }

  async #send(place, request) {
    try {
      const answer = await this.#connections[place].exchange(request);
      // A stopping replica answers 503.
      return answer.status === 503 ? { is: 'shed' } : meaningOf(answer);
    } catch (error) {
      if (error instanceof NoAnswer) return { is: 'cut' };
      throw error;
    }
  }
}
