/** A forward proxy, as companies have: tunnels (CONNECT, RFC 9110 §9.3.6), and requests in absolute form. */
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { atEndOfFile } from './cleanup.ts';

export interface TestProxy {
  /** The address of the proxy, `127.0.0.1:PORT`. */
  readonly host: string;
  /** Received requests, such as `CONNECT host:port` or `POST http://host:port`. */
  readonly asked: string[];
  close(): Promise<void>;
}

/**
 * Starts a proxy on a free port.
 *
 * @param credentials the required `user:password`. Default: none
 * @param answer a status to refuse every request with. Default: requests are forwarded
 */
export async function startProxy({ credentials, answer }: { credentials?: string; answer?: number } = {}): Promise<TestProxy> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const refusalOf = ({ headers }: IncomingMessage) => (wanted !== undefined && headers['proxy-authorization'] !== wanted ? 407 : answer);

  const server = createServer((incoming, outgoing) => {
    const target = new URL(incoming.url ?? '');
    asked.push(`${incoming.method} ${target.origin}`);
    const refusal = refusalOf(incoming);
    if (refusal !== undefined) return void outgoing.writeHead(refusal).end();
    const { 'proxy-authorization': _own, ...headers } = incoming.headers;
    const onwards = request(target, { method: incoming.method ?? 'GET', headers, agent: false }, (answered) => {
      outgoing.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(outgoing);
    });
    onwards.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onwards.destroy());
    incoming.pipe(onwards);
  });
  server.on('connect', (incoming: IncomingMessage, client: Duplex, head: Buffer) => {
    asked.push(`CONNECT ${incoming.url}`);
    const refusal = refusalOf(incoming);
    if (refusal !== undefined) return client.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const onwards = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onwards.write(head);
      onwards.pipe(client).pipe(onwards);
    });
    for (const socket of [client, onwards]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        onwards.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    hasClosed();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  };
  const hasClosed = atEndOfFile(close);
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}
