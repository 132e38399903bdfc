import { lookup } from 'node:dns/promises';
import { type AddressInfo, createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface Place {
  /** An IP address or a hostname. */
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  /** Makes the log line about the address. @param origin for example `http://127.0.0.1:3000` */
  text(origin: string): string;
  /** Default: asks the operating system. */
  addressesOf?(host: string): Promise<readonly string[]>;
}

/**
 * Listens on a host. `localhost` can mean both 127.0.0.1 and ::1, so the server listens on both. Fastify would make a
 * second HTTP server for the second address, without the queue, the limits and the graceful stop. So this function
 * passes the connections of the second address to the first HTTP server.
 *
 * @returns the port
 * @throws {Error} the server cannot listen on the first address. A failure on a further address is only logged.
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

async function alsoListen(app: FastifyInstance, host: string, port: number): Promise<void> {
  const door = createServer((socket) => app.server.emit('connection', socket));
  door.maxConnections = app.server.maxConnections;
  const failed = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    door.once('error', resolve).listen({ host, port }, () => resolve(undefined));
  });
  if (failed !== undefined) return app.log.warn({ code: failed.code }, `cannot also listen on ${host}, port ${port}`);
  app.server.once('close', () => door.close());
}
