import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { type Environment, serverOf, toolset } from '../kit/index.ts';
import { researchTools } from '../research/index.ts';
import { answeringTransport } from './answering-transport.ts';
import { identity } from './identity.ts';

/** A server over standard input and output. */
export interface StdioServer {
  /** Reads no more, answers what it has read, then ends. */
  stop(): Promise<void>;
}

/**
 * The server over standard input and output, for hosts that start a process. Serves the same tools, to clients of
 * either era. Nothing but MCP may be written to standard output from then on. It stops when its input ends.
 *
 * @param onError told of what the protocol layer refused. Its messages may quote requests.
 */
export function stdioServer(environment: Environment, onError: (error: Error) => void): StdioServer {
  const tools = toolset(researchTools);
  const { transport, finish } = answeringTransport((input) => new StdioServerTransport(input), process.stdin);
  const handle = serveStdio(() => serverOf(tools, environment, identity), { transport, onerror: onError });
  return {
    stop: async () => {
      await finish();
      await handle.close();
    },
  };
}
