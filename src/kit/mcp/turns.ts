/** Turns of the event loop for what costs milliseconds: a batch may ask for a hundred of it at once. */
import type { Server } from '@modelcontextprotocol/server';

/** By server object, since a batch has one to itself: a request that waited for another's timer would hang with it on some hosts. */
const last = new WeakMap<Server, Promise<void>>();

/** Resolves at once for the first on a server; for each after that a turn later than for the one before, so that other work comes between. */
export function turnOn(server: Server): Promise<void> {
  const before = last.get(server);
  const mine = before === undefined ? Promise.resolve() : before.then(nextTurn);
  last.set(server, mine);
  return mine;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
