import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Has every answer of a connection that closes told so. Node tells the one whose turn it is, and not those that wait
 * behind it, of requests that were sent without waiting (pipelining, RFC 9112 §9.3.2): whatever counts, holds or works
 * until `close` would do so for ever.
 *
 * @returns whether a connection is in the middle of an answer
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
