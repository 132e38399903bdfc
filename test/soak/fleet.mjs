import { Connection, NoAnswer } from './connection.mjs';
import { meaningOf } from './mcp.mjs';

/** The number of failed tries after which a call counts as unanswered. */
const TRIES = 10;

/** The wait before the next try if every replica has refused a call, in milliseconds. */
const BREATH_MS = 200;

/**
 * Calls replicas as a load balancer does: each call goes to a random replica. If that replica cannot answer, the next
 * replica is tried.
 */
export class Caller {
  #connections;
  #counts;

  /**
   * @param counts an object in which the caller counts `calls`, `shed` (503, sent again) and `cut` (no complete answer,
   * sent again)
   */
  constructor(replicas, counts) {
    this.#connections = replicas.map((replica) => new Connection(replica));
    this.#counts = counts;
  }

  /** Makes a move of a task. @returns the reason for which the move failed; undefined if it succeeded */
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
      // A replica that is about to stop answers every call with 503.
      return answer.status === 503 ? { is: 'shed' } : meaningOf(answer);
    } catch (error) {
      if (error instanceof NoAnswer) return { is: 'cut' };
      throw error;
    }
  }
}
