import type { AddressInfo } from 'node:net';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Logger } from 'pino';
import { systemClock } from '../../handle/index.ts';
import type { Environment } from '../../kit/index.ts';
import type { Authorization } from '../app/authorization/authorization.ts';
import type { ServerFactory } from '../app/endpoint.ts';
import { admissionOf, requireSafeExposure } from '../config/exposure.ts';
import { type LoadedRing, loadRing } from '../config/ring.ts';
import { type WatchedRing, watchRing } from '../config/ring-watch.ts';
import type { Config, StdioConfig } from '../config/settings.ts';
import { answeringTransport } from './answering-transport.ts';
import { httpServer } from './http.ts';
import { readInspectorPage } from './inspect-page.ts';
import { logCall } from './log.ts';

/** A server that runs. */
export interface Running {
  /** Where it serves MCP; absent over stdio. */
  readonly url?: string;
  /** Reads the ring's file again, as it also does by itself when the file changes. */
  reload(): Promise<void>;
  /** Takes no more requests, answers those in flight, then ends. */
  stop(): Promise<void>;
}

/**
 * Starts a server over HTTP.
 *
 * @param server what is served
 * @param now the clock, in seconds since 1970
 * @throws {RingError} where the ring is broken @throws {ConfigError} where serving so would be unsafe
 */
export async function startHttp(config: Config, log: Logger, server: ServerFactory, now = systemClock): Promise<Running> {
  const inspectorPage = config.inspect ? await readInspectorPage() : undefined;
  const loaded = await loadRing(config, now());
  requireSafeExposure(config, loaded);
  announce(loaded, log);
  const ring = watchRing(loaded, { log, now, check: (next) => requireSafeExposure(config, { ...loaded, ring: next }) });
  const authorization = await authorizationOf(config, log);
  const admission = admissionOf(config);
  if (admission.allowedHosts === undefined) log.warn('Host is not checked; name the hosts that clients use with --allowed-hosts');
  const app = httpServer({
    server,
    environment: environmentOf(config, ring, log, now),
    log,
    authorization,
    isRingOutdated: ring.isOutdated,
    inspectorPage,
    ...admission,
    ...limitsOf(config),
  });
  app.addHook('onClose', async () => ring.stop());
  await app.listen({ host: config.host, port: config.port, listenTextResolver: (address) => `Waxseal serves MCP at ${address}/mcp` });
  const { port } = app.server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { url: `http://${host}:${port}/mcp`, reload: ring.reload, stop: () => app.close() };
}

/**
 * Starts a server over standard input and output, for hosts that start a process. Serves clients of either era.
 * Nothing but MCP may be written to standard output from then on. It stops when its input ends.
 *
 * @param server what is served
 * @param now the clock, in seconds since 1970
 * @throws {RingError} where the ring is broken
 */
export async function startStdio(config: StdioConfig, log: Logger, server: ServerFactory, now = systemClock): Promise<Running> {
  const loaded = await loadRing(config, now());
  announce(loaded, log);
  const ring = watchRing(loaded, { log, now, check: () => {} });
  const environment = environmentOf(config, ring, log, now);
  const { transport, finish } = answeringTransport(
    (input) => new StdioServerTransport(input),
    process.stdin,
    (why) => log.warn(`a line of input was dropped: ${why}`),
  );
  // The protocol layer's messages may quote requests, and so a handle: the log gets their names only.
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

async function authorizationOf(config: Config, log: Logger): Promise<Authorization | undefined> {
  const { authIssuer: issuer, authAudience: audience, authResource: resource, authScopes: scopes = [] } = config;
  if (issuer === undefined || audience === undefined) return undefined;
  const { prepareAuthorization, resourceOf } = await import('../app/authorization/authorization.ts');
  if (resourceOf({ audience, resource }) === undefined) {
    log.warn('No audience is an https URL, so clients are not told where to get access tokens; name this server with --auth-resource');
  }
  return prepareAuthorization({ issuer, audience, resource, scopes, acceptClientId: config.authAcceptClientId === true });
}

function limitsOf({ rateLimit, maxConnections, trustProxy }: Config) {
  return { rateLimit, maxConnections, trustProxy };
}

function environmentOf(config: StdioConfig, ring: WatchedRing, log: Logger, now: () => number): Environment {
  const { audience, maxLength, notBefore, handleIn } = config;
  return { ring: ring.current, now, audience, maxLength, notBefore, handleIn, onCall: (record) => logCall(log, record) };
}

function announce({ ring, source, created, readableByOthers }: LoadedRing, log: Logger): void {
  if (readableByOthers) log.warn(`${source} is readable by other users of this machine; make it private: chmod 600 ${source}`);
  const kids = ring.entries.map((entry) => entry.kid);
  if (created)
    log.warn(
      { kids },
      `Wrote a development key ring to ${source}; whoever reads it can make handles. For a deployment: waxseal keys generate`,
    );
  else log.info({ kids }, `Key ring: ${source}`);
}
