/** The handshake of a client of 2025 or before, kept so that it can be had again: a host over stdio hears nothing of sessions. */
import type { Message } from '../messages.ts';

/** A way to the server. */
interface Connection {
  send(message: never): Promise<void>;
  setProtocolVersion(version: string): void;
}

/** How long a server may take to answer a handshake of ours. Milliseconds. */
const PATIENCE_MS = 15_000;

/** A handshake that a host and a server had. */
export interface Handshake {
  /** Is told of every message of the host. */
  note(message: Message): void;
  /** Whether a message answers a handshake of ours; then nobody else is to hear of it. */
  takes(answer: Message): boolean;
  /**
   * Has the handshake again, as the host had it, on a connection that the server does not know.
   *
   * @returns whether there was one to have
   * @throws {Error} where the server refuses it, or does not answer
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
