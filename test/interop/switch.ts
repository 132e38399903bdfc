import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunningServer } from '../support/program.ts';

/** Says which process answered: its place among the replicas, and its pid. */
export const ANSWERED_BY = 'x-answered-by';

/** A round-robin switch: it knows where the replicas are, and nothing of what passes. */
export interface Switch {
  readonly url: string;
  /** How often a replica died under a request, so that the request was sent again, to the next. */
  readonly resent: () => number;
  /** Gives the next request to this replica, and ends it as soon as it has that request: before it can answer. */
  killUnderNextRequest(place: number): Promise<void>;
  close(): Promise<void>;
}

/** @param replicas what stands at each place now; undefined while it is replaced */
export async function roundRobin(replicas: readonly (RunningServer | undefined)[]): Promise<Switch> {
  let turn = 0;
  let resent = 0;
  let doomed: { place: number; killed: () => void } | undefined;

  /** The replica whose turn it is, and whether it is to die of this request. */
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
          // No whole answer came, so none is passed on. The handle in the request is as good as it was.
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

/** Sends a request on, over a connection of its own, and takes a whole answer or none. */
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
      // At "finish" the kernel has all of the request, so the replica is about to work on it.
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
