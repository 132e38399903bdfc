import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Emits `close` on all pending responses of a connection that closes. A client can send several requests at once
 * (pipelining, RFC 9112 §9.3.2), but Node emits `close` only on the response that it is writing. Code that waits for
 * `close` on another response would wait for ever.
 *
 * @returns a function that tells whether the server has begun an answer on a connection and not finished it
 */
export function endAnswersWithConnections(server: Server): (socket: Socket) => boolean {
  const openOn = new WeakMap<Socket, Set<ServerResponse>>();
  server.on('connection', (socket) => {
    const open = new Set<ServerResponse>();
    openOn.set(socket, open);
    socket.once('close', () => {
      for (const answer of [...open].filter(({ socket }) => socket === null)) {
        answer.destroy();
        answer.emit('close');
      }
    });
  });
  server.prependListener('request', ({ socket }, answer) => {
    const open = openOn.get(socket);
    open?.add(answer);
    answer.once('close', () => open?.delete(answer));
  });
  return (socket) => [...(openOn.get(socket) ?? [])].some(({ headersSent }) => headersSent);
}
