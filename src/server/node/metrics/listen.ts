import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopbackAddress, LOOPBACK_NAMES } from '../../app/loopback.ts';
import { isServedProbe } from '../../app/names.ts';
import { pathOf, plainPath } from '../../app/request/path.ts';

/** Prometheus's text format. */
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';

/** The address on which metrics are served. */
export interface MetricsAddress {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
}

/** A listener that serves metrics. */
export interface MetricsListener {
  readonly url: string;
  close(): void;
}

/**
 * Serves metrics at `/metrics` on a separate address, because the address of the MCP endpoint may be public.
 *
 * @param text makes the answer, in Prometheus's text format
 * @throws {Error} the server cannot listen on the address
 */
export async function listenForMetrics({ host, port }: MetricsAddress, text: () => Promise<string>): Promise<MetricsListener> {
  // If all names were served, a web page could point its own name to the loopback address, and read the metrics (DNS
  // rebinding).
  const names = isLoopbackAddress(host) ? LOOPBACK_NAMES : 'any';
  const server = createServer((request, answer) => {
    if (!isServedProbe(request.headers.host, names)) return end(answer, 403, 'This Host is not served here.\n');
    if (plainPath(pathOf(request.url ?? '')) !== '/metrics') return end(answer, 404, 'Not found. Metrics are at GET /metrics.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(answer.setHeader('allow', 'GET, HEAD'), 405, 'Use GET.\n');
    text().then(
      (metrics) => end(answer.setHeader('content-type', TEXT), 200, metrics, request),
      () => end(answer, 500, 'The metrics could not be gathered.\n'),
    );
  });
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `--metrics ${host}:${port} (WAXSEAL_METRICS): the server cannot listen on this address (${code}). Choose another address, e.g. --metrics 127.0.0.1:9465, or port 0 of an address (127.0.0.1:0) for a free port.`,
    );
  }
  // Prometheus keeps its connection open, which must not keep the process alive.
  server.unref();
  const { port: found } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${found}/metrics`, close };
}

function end(answer: ServerResponse, status: number, text: string, request?: IncomingMessage): void {
  answer.statusCode = status;
  if (!answer.hasHeader('content-type')) answer.setHeader('content-type', 'text/plain; charset=utf-8');
  answer.end(request?.method === 'HEAD' ? undefined : text);
}
