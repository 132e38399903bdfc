import { lookup } from 'node:dns/promises';
import { type AddressInfo, createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Where a server listens. */
export interface Place {
  /** An IP address or a hostname. */
  readonly host: string;
  /** The port; 0 chooses a free one. */
  readonly port: number;
  /** Makes the log's line from the first origin that is served. */
  text(origin: string): string;
  /** Returns the addresses of a hostname. Default: those that the system knows. */
  addressesOf?(host: string): Promise<readonly string[]>;
}

/**
 * Listens on a host. `localhost` may be two addresses, 127.0.0.1 and ::1, and a client may choose either, so the server
 * listens on both. Fastify would make a second HTTP server for the second address. The queue, the limits and the drain
 * would then see one of the two servers only. Here the connections of the second address go to the one HTTP server.
 *
 * @returns the port
 * @throws {Error} if the server cannot listen on the first address. If it cannot listen on a further address, the log says so
 */
export async function listen(app: FastifyInstance, { host, port, text, addressesOf = systemAddresses }: Place): Promise<number> {
  const [first = host, ...others] = host === 'localhost' ? await addressesOf(host) : [host];
  await app.listen({ host: first, port, listenTextResolver: text });
  const { port: chosen } = app.server.address() as AddressInfo;
  await Promise.all(others.map((address) => alsoListen(app, address, chosen)));
  return chosen;
}

async function systemAddresses(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true }).catch(() => []);
  return [...new Set(found.map(({ address }) => address))];
}

/** Gives the connections of a further address to the server, until the server has closed. */
async function alsoListen(app: FastifyInstance, host: string, port: number): Promise<void> {
  const door = createServer((socket) => app.server.emit('connection', socket));
  door.maxConnections = app.server.maxConnections;
  const failed = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    door.once('error', resolve).listen({ host, port }, () => resolve(undefined));
  });
  if (failed !== undefined) return app.log.warn({ code: failed.code }, `cannot listen on ${host} as well, port ${port}`);
  app.server.once('close', () => door.close());
}
