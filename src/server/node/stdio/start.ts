import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Logger } from 'pino';
import { systemClock } from '../../../handle/index.ts';
import type { ServerFactory } from '../../app/endpoint.ts';
import { loadRing } from '../../config/ring.ts';
import { watchRing } from '../../config/ring-watch.ts';
import type { StdioConfig } from '../../config/settings.ts';
import { announceRing, environmentOf, type Running } from '../running.ts';
import { answeringTransport } from './answering-transport.ts';

/**
 * Starts a server over standard input and output, for clients of MCP 2026-07-28 and of earlier revisions. The server
 * stops when its input ends. After this call, your program must not write to standard output, because MCP uses it.
 *
 * @param server makes the SDK's server object for the connection
 * @param now returns the time in seconds since 1970
 * @throws {RingError} `invalid_ring`: the ring is not valid
 *
 * @example
 * ```ts
 * import { createLog, readStdioConfig, type ServerFactory, startStdio } from 'waxseal/server';
 *
 * async function start(server: ServerFactory): Promise<void> {
 *   const config = readStdioConfig({}, process.env);
 *   await startStdio(config, await createLog(config.logLevel, process.stderr), server);
 * }
 * ```
 */
export async function startStdio(config: StdioConfig, log: Logger, server: ServerFactory, now = systemClock): Promise<Running> {
  const loaded = await loadRing(config, now());
  announceRing(loaded, log);
  const ring = watchRing(loaded, { log, now, check: () => {} });
  const environment = environmentOf(config, ring, log, now);
  const { transport, finish } = answeringTransport(
    (input) => new StdioServerTransport(input),
    process.stdin,
    (why) => log.warn(`a line of input was dropped: ${why}`),
  );
  // Only the names of the SDK's errors are logged, because their messages may quote a request with its handle.
  const onerror = (error: Error) => log.debug({ error: error.name }, 'protocol error');
  const connection = serveStdio(() => server(environment), { transport, onerror });
  return {
    reload: ring.reload,
    stop: async () => {
      await finish();
      await connection.close();
      ring.stop();
    },
  };
}
