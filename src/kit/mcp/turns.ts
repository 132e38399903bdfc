/**
 * Spreads searches over turns of the event loop. A search takes milliseconds, and one batch of requests may ask for a
 * hundred.
 */
import type { Server } from '@modelcontextprotocol/server';

/**
 * The turn of the last search, by server object. Each batch has its own server object. On some hosts a request that waits for
 * the timer of another request never finishes, so requests do not share turns.
 */
const last = new WeakMap<Server, Promise<void>>();

/**
 * Waits for the next free turn of a server. The first search does not wait. Each further search gets a turn of its own, so that
 * the process can do other work between two searches.
 */
export function turnOn(server: Server): Promise<void> {
  const before = last.get(server);
  const mine = before === undefined ? Promise.resolve() : before.then(nextTurn);
  last.set(server, mine);
  return mine;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
