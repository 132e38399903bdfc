import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Emits `close` on every pending response when its connection closes. A client may send several requests without waiting for
 * the answers (pipelining, RFC 9112 §9.3.2). Node itself emits `close` only on the response that it is writing. Code that
 * waits for `close` on another response would wait for ever.
 *
 * @returns a function that tells whether the server is in the middle of an answer on a connection
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
