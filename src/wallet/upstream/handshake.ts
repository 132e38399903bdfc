/**
 * The handshake (`initialize`) of clients of revision 2025-11-25 or earlier. If the server ends the HTTP session, the
 * wallet repeats the handshake: a host over stdio knows nothing of HTTP sessions.
 */
import type { Message } from '../messages.ts';

/** A connection to the server. */
interface Connection {
  send(message: never): Promise<void>;
  setProtocolVersion(version: string): void;
}

/** How long a server may take to answer a repeated handshake, in milliseconds. */
const PATIENCE_MS = 15_000;

export interface Handshake {
  /** Remembers the host's `initialize`. Call it with every message of the host. */
  note(message: Message): void;
  /**
   * Takes the response to a repeated handshake.
   *
   * @returns true if the message was such a response. Then it must not reach the host, which did not ask for it.
   */
  takes(answer: Message): boolean;
  /**
   * Repeats the host's handshake on a new connection.
   *
   * @returns false if the host sent no handshake
   * @throws {Error} if the server refuses the handshake, or does not answer
   */
  renew(connection: Connection): Promise<boolean>;
}

export function handshake(): Handshake {
  let initialize: Message | undefined;
  let count = 0;
  const waiting = new Map<string, (answer: Message) => void>();
  return {
    note: (message) => {
      if (message.method === 'initialize') initialize = message;
    },
    takes: (answer) => {
      const settle = waiting.get(String(answer.id));
      if (settle === undefined || answer.method !== undefined) return false;
      waiting.delete(String(answer.id));
      settle(answer);
      return true;
    },
    renew: async (connection) => {
      if (initialize === undefined) return false;
      count += 1;
      const id = `waxseal-handshake-${count}`;
      let late: NodeJS.Timeout | undefined;
      const answered = new Promise<Message>((resolve, reject) => {
        waiting.set(id, resolve);
        late = setTimeout(() => reject(new Error('the server does not answer the handshake')), PATIENCE_MS);
      });
      try {
        await connection.send({ ...initialize, id } as never);
        const { error, result } = await answered;
        if (error !== undefined) throw new Error('the server refused the handshake');
        const version = result?.['protocolVersion'];
        if (typeof version === 'string') connection.setProtocolVersion(version);
        await connection.send({ jsonrpc: '2.0', method: 'notifications/initialized' } as never);
        return true;
      } finally {
        waiting.delete(id);
        clearTimeout(late);
        answered.catch(() => {});
      }
    },
  };
}
