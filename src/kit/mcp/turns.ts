/**
 * Lets other work run between two searches for tools, by starting each search in its own turn of the event loop. A search
 * takes milliseconds, and one batch of requests can contain a hundred searches.
 */
import type { Server } from '@modelcontextprotocol/server';

/**
 * For each server object, a promise that resolves when the turn of the last search comes. Each HTTP request has its own server
 * object, which answers all messages of a batch. So an HTTP request never waits for a turn of another HTTP request. This is
 * necessary, because on some edge runtimes a request that waits for the timer of another request never finishes.
 */
const last = new WeakMap<Server, Promise<void>>();

/**
 * Waits until a server's next search may start. The first search does not wait. Each later search starts in a new turn of the
 * event loop, one turn after the search before it.
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
