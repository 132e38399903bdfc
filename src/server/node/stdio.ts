import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Environment } from '../../kit/index.ts';
import type { ServerFactory } from '../app/factory.ts';
import { answeringTransport } from './answering-transport.ts';

/** A server over standard input and output. */
export interface StdioServer {
  /** Reads no more, answers what it has read, then ends. */
  stop(): Promise<void>;
}

/**
 * A server over standard input and output, for hosts that start a process. Serves clients of
 * either era. Nothing but MCP may be written to standard output from then on. It stops when its input ends.
 *
 * @param onError told of what the protocol layer refused. Its messages may quote requests.
 */
export function stdioServer(make: ServerFactory, environment: Environment, onError: (error: Error) => void): StdioServer {
  const { transport, finish } = answeringTransport((input) => new StdioServerTransport(input), process.stdin);
  const handle = serveStdio(() => make(environment), { transport, onerror: onError });
  return {
    stop: async () => {
      await finish();
      await handle.close();
    },
  };
}
