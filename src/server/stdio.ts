import { type StdioServerHandle, serveStdio } from '@modelcontextprotocol/server/stdio';
import { type Environment, serverOf, toolset } from '../kit/index.ts';
import { researchTools } from '../research/index.ts';
import { identity } from './identity.ts';

/**
 * The server over standard input and output, for hosts that start a process. Serves the same tools, to clients of
 * either era. Nothing but MCP may be written to standard output from then on.
 *
 * @param onError told of what the protocol layer refused. Its messages may quote requests.
 */
export function stdioServer(environment: Environment, onError: (error: Error) => void): StdioServerHandle {
  const tools = toolset(researchTools);
  return serveStdio(() => serverOf(tools, environment, identity), { onerror: onError });
}
