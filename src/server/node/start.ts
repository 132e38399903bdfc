import type { Logger } from 'pino';
import { systemClock } from '../../handle/index.ts';
import type { Authorization } from '../app/authorization/authorization.ts';
import { resourceOf } from '../app/authorization/options.ts';
import type { ServerFactory } from '../app/endpoint.ts';
import { admissionOf, requireSafeExposure } from '../config/exposure.ts';
import { loadRing } from '../config/ring.ts';
import { type WatchedRing, type WatchOptions, watchRing } from '../config/ring-watch.ts';
import type { Config } from '../config/settings.ts';
import { listen } from './connections/listen.ts';
import { httpServer } from './http.ts';
import { readInspectorPage } from './inspect-page.ts';
import type { Log } from './log.ts';
import type { Snapshot } from './metrics/metrics.ts';
import { metricsFor, serveMetrics } from './metrics/serve.ts';
import { announceRing, environmentOf, type Running, type Starting } from './running.ts';
import { placeOfThisProcess, tellWhenAsked } from './workers/orders.ts';
import { startWorkers, type Workers } from './workers/primary.ts';

/** Options for a server over HTTP, beside its configuration. */
export interface HttpStart {
  /** Returns the time in seconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
  /** The number of processes on the same port. Default: 1. */
  readonly workers?: number;
}

/**
 * Starts a server over HTTP, in this process.
 *
 * @param server makes the SDK's server object for each request
 * @throws {RingError} `invalid_ring`: the ring is not valid
 * @throws {ConfigError} `invalid_configuration`: the configuration is unsafe
 *
 * @example
 * ```ts
 * import { createLog, readConfig, type ServerFactory, startHttp } from 'waxseal/server';
 *
 * async function start(server: ServerFactory): Promise<string | undefined> {
 *   const config = readConfig({ port: '0' }, process.env);
 *   const { url } = await startHttp(config, await createLog(config.logLevel, process.stdout), server);
 *   return url;
 * }
 * ```
 */
export async function startHttp(
  config: Config,
  log: Logger,
  server: ServerFactory,
  { now = systemClock, workers = 1 }: HttpStart = {},
): Promise<Running> {
  const inspectorPage = config.inspect ? await readInspectorPage() : undefined;
  // The primary process logs warnings about the configuration, for all workers.
  const isWorker = workers > 1;
  const ring = await followRing(config, log, now, isWorker ? { onlyWhenTold: true } : {});
  if (!isWorker) announce(config, log);
  const admission = admissionOf(config);
  const metrics = await metricsFor(config, placeOfThisProcess()?.number.toString());
  const app = httpServer({
    server,
    environment: environmentOf(config, ring, log, now, metrics),
    log,
    metrics,
    authorization: await authorizationOf(config, log),
    isRingOutdated: ring.isOutdated,
    inspectorPage,
    ...admission,
    ...limitsOf(config, workers),
  });
  app.addHook('onClose', async () => ring.stop());
  const text = (address: string) => (isWorker ? `listening at ${address}` : servesAt(address));
  if (metrics !== undefined && isWorker) tellWhenAsked('metrics', metrics.snapshot);
  const scraped = isWorker ? undefined : await serveMetrics(config, log, metrics);
  app.addHook('onClose', async () => scraped?.close());
  const port = await listen(app, { host: config.host, port: config.port, text });
  return { url: urlOf(config.host, port), reload: ring.reload, stop: () => app.close() };
}

/**
 * Starts worker processes that serve over HTTP on one port. This process replaces workers that die, and watches the
 * ring's file. It does not serve requests.
 *
 * @param onEnd called with the reason if no worker serves and none can be started
 * @throws {RingError} `invalid_ring`: the ring is not valid
 * @throws {ConfigError} `invalid_configuration`: the configuration is unsafe
 * @throws {Error} the port is taken
 */
export async function startHttpWorkers(
  config: Config,
  log: Log,
  count: number,
  onEnd: (why: string) => void,
  now = systemClock,
): Promise<Starting> {
  let started: Workers | undefined;
  const ring = await followRing(config, log, now, { onRead: () => started?.tell('reload') });
  announce(config, log);
  const own = await metricsFor(config, 'primary');
  const scraped = await serveMetrics(config, log, own, async () => started?.ask<Snapshot>('metrics') ?? []);
  const workers = await startWorkers(config, count, log, onEnd);
  started = workers;
  const { rateLimit, maxConnections } = config;
  const rate =
    rateLimit === 0
      ? ''
      : `each worker counts --rate-limit separately, so a caller who reaches all workers can send up to ${count} times ${rateLimit} requests a minute; `;
  log.info(`${count} workers: ${rate}--max-connections allows each worker ${shareOf(maxConnections, count)} connections`);
  return {
    url: urlOf(config.host, workers.port),
    serving: workers.serving.then(() => log.info(servesAt(originOf(config.host, workers.port)))),
    reload: ring.reload,
    stop: async () => {
      ring.stop();
      await workers.stop();
      scraped.close();
    },
  };
}

const servesAt = (origin: string) => `Waxseal serves MCP at ${origin}/mcp`;

const urlOf = (host: string, port: number) => `${originOf(host, port)}/mcp`;

function originOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Loads the ring and watches its file. Each ring must pass {@link requireSafeExposure}. */
async function followRing(
  config: Config,
  log: Logger,
  now: () => number,
  options: Pick<WatchOptions, 'onRead' | 'onlyWhenTold'>,
): Promise<WatchedRing> {
  const loaded = await loadRing(config, now());
  requireSafeExposure(config, loaded);
  if (options.onlyWhenTold !== true) announceRing(loaded, log);
  return watchRing(loaded, { log, now, check: (next) => requireSafeExposure(config, { ...loaded, ring: next }), ...options });
}

/** If the authorization server cannot be reached, the server starts all the same, and logs the cause. */
async function authorizationOf(config: Config, log: Logger): Promise<Authorization | undefined> {
  const { authIssuer: issuer, authAudience: audience, authResource: resource, authScopes: scopes = [] } = config;
  if (issuer === undefined || audience === undefined) return undefined;
  const { prepareAuthorization } = await import('../app/authorization/authorization.ts');
  const options = { issuer, audience, resource, scopes, acceptClientId: config.authAcceptClientId === true };
  return prepareAuthorization(options, ({ message }) => log.warn(message));
}

function limitsOf({ rateLimit, maxConnections, trustProxy }: Config, workers: number) {
  return { rateLimit, maxConnections: shareOf(maxConnections, workers), trustProxy };
}

function shareOf(limit: number, workers: number): number {
  return Math.ceil(limit / workers);
}

/** Warns about settings that the operator may have forgotten. */
function announce(config: Config, log: Logger): void {
  if (admissionOf(config).allowedHosts === undefined)
    log.warn('Host is not checked; name the hosts that clients use with --allowed-hosts (WAXSEAL_ALLOWED_HOSTS)');
  const { authIssuer, authAudience: audience, authResource: resource } = config;
  if (authIssuer === undefined || audience === undefined) return;
  if (resourceOf({ audience, resource }) !== undefined) return;
  log.warn(
    'No audience is an https URL, so clients are not told where to get access tokens; name this server with --auth-resource (WAXSEAL_AUTH_RESOURCE)',
  );
}
