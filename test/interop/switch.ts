import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningServer } from '../support/program.ts';

/** The response header that says which replica answered: its index in `replicas`, and its pid. */
export const ANSWERED_BY = 'x-answered-by';

/** A round-robin switch, which does not read the requests. */
export interface Switch {
  readonly url: string;
  /** Returns how often a replica died during a request, which the switch then sent again. */
  readonly resent: () => number;
  /** Sends the next request to this replica, and kills it before it can answer. Resolves after the kill. */
  killUnderNextRequest(place: number): Promise<void>;
  close(): Promise<void>;
}

/** @param replicas the replica at each place, or undefined; the caller may change the array */
export async function roundRobin(replicas: readonly (RunningServer | undefined)[]): Promise<Switch> {
  let turn = 0;
  let resent = 0;
  let doomed: { place: number; killed: () => void } | undefined;

  /** Returns the next replica, and a callback if the switch must kill it during this request. */
  function next(): { place: number; replica: RunningServer; killed?: () => void } {
    if (doomed !== undefined) {
      const { place, killed } = doomed;
      const replica = replicas[place];
      doomed = undefined;
      if (replica !== undefined) return { place, replica, killed };
    }
    for (let tries = 0; tries < replicas.length; tries += 1) {
      const place = turn++ % replicas.length;
      const replica = replicas[place];
      if (replica !== undefined) return { place, replica };
    }
    throw new Error('no replica is up');
  }

  const server = createServer(async (incoming, outgoing) => {
    try {
      const body = await textOf(incoming);
      for (let tries = 0; tries < 5; tries += 1) {
        const { place, replica, killed } = next();
        try {
          const { status, contentType, text } = await forward(replica, incoming, body, killed);
          outgoing.writeHead(status, { 'content-type': contentType, [ANSWERED_BY]: `${place} ${replica.pid}` }).end(text);
          return;
        } catch {
          // No whole answer came. The handle in the request is still valid, so the next replica gets the request.
          resent += 1;
        }
      }
      outgoing.writeHead(502).end();
    } catch {
      outgoing.writeHead(502).end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    resent: () => resent,
    killUnderNextRequest: (place) =>
      new Promise((killed) => {
        doomed = { place, killed };
      }),
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

interface Forwarded {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Forwards a request, and returns the answer only if it is complete. */
function forward(replica: RunningServer, incoming: IncomingMessage, body: string, killed?: () => void): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const { host: _ours, connection: _hop, ...headers } = incoming.headers;
    const sent = request(replica.url, { method: 'POST', headers, agent: false }, async (answer) => {
      try {
        const text = await textOf(answer);
        if (!answer.complete) throw new Error('the answer was cut');
        resolve({ status: answer.statusCode ?? 0, contentType: answer.headers['content-type'] ?? '', text });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject);
    if (killed !== undefined) {
      // The kernel has the whole request, so the replica is about to process it.
      sent.once('finish', () => {
        replica.child.kill('SIGKILL');
        killed();
      });
    }
    sent.end(body);
  });
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
