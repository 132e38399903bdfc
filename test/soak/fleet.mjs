import { Connection, NoAnswer } from './connection.mjs';
import { meaningOf } from './mcp.mjs';

/** How often a call is sent before it counts as not served. */
const TRIES = 10;

/** How long a caller waits after every replica has refused its call. Milliseconds. */
const BREATH_MS = 200;

/** Replicas behind a load balancer: each call goes to any replica, and to another one if that one cannot answer. */
export class Caller {
  #connections;
  #counts;

  /** @param counts where it counts `calls`, `shed` (503, sent again) and `cut` (no whole answer, sent again) */
  constructor(replicas, counts) {
    this.#connections = replicas.map((replica) => new Connection(replica));
    this.#counts = counts;
  }

  /** Makes a move of a task. @returns why the move failed; undefined if it succeeded */
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
      // A replica that is about to stop answers 503 and nothing else.
      return answer.status === 503 ? { is: 'shed' } : meaningOf(answer);
    } catch (error) {
      if (error instanceof NoAnswer) return { is: 'cut' };
      throw error;
    }
  }
}
