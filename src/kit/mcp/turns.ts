/**
 * Starts each search for tools in its own turn of the event loop, so that other work can run in between. A search takes
 * milliseconds, and one batch of requests can contain a hundred.
 */
import type { Server } from '@modelcontextprotocol/server';

/**
 * For each server object, the turn of its last search. Each HTTP request has its own server object, so no HTTP request
 * waits for another. On some edge runtimes, a request that waits for the timer of another never finishes.
 */
const last = new WeakMap<Server, Promise<void>>();

/** Waits until the server may begin its next search for tools. The first search does not wait. */
export function turnOn(server: Server): Promise<void> {
  const before = last.get(server);
  const mine = before === undefined ? Promise.resolve() : before.then(nextTurn);
  last.set(server, mine);
  return mine;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
