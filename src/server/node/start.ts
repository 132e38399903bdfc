import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { systemClock } from '../../handle/index.ts';
import type { Authorization } from '../app/authorization/authorization.ts';
import type { ServerFactory } from '../app/endpoint.ts';
import { admissionOf, requireSafeExposure } from '../config/exposure.ts';
import { loadRing } from '../config/ring.ts';
import { type WatchedRing, type WatchOptions, watchRing } from '../config/ring-watch.ts';
import type { Config } from '../config/settings.ts';
import { httpServer } from './http.ts';
import { readInspectorPage } from './inspect-page.ts';
import type { Log } from './log.ts';
import type { Snapshot } from './metrics/metrics.ts';
import { metricsFor, serveMetrics } from './metrics/serve.ts';
import { announceRing, environmentOf, type Running, type Starting } from './running.ts';
import { placeOfThisProcess, tellWhenAsked } from './workers/orders.ts';
import { startWorkers, type Workers } from './workers/primary.ts';

/** How a server over HTTP is started, beside its configuration. */
export interface HttpStart {
  /** The clock, in seconds since 1970. */
  readonly now?: () => number;
  /** How many processes serve on the port. Default: 1. */
  readonly workers?: number;
}

/**
 * Starts a server over HTTP, in this process.
 *
 * @param server what is served
 * @throws {RingError} where the ring is broken @throws {ConfigError} where serving so would be unsafe
 */
export async function startHttp(
  config: Config,
  log: Logger,
  server: ServerFactory,
  { now = systemClock, workers = 1 }: HttpStart = {},
): Promise<Running> {
  const inspectorPage = config.inspect ? await readInspectorPage() : undefined;
  // One process says what is to be said of the configuration: of several, the one that serves nothing.
  const isWorker = workers > 1;
  const ring = await followRing(config, log, now, isWorker ? { onlyWhenTold: true } : {});
  if (!isWorker) await announce(config, log);
  const admission = admissionOf(config);
  const metrics = await metricsFor(config, placeOfThisProcess()?.number.toString());
  const app = httpServer({
    server,
    environment: environmentOf(config, ring, log, now, metrics),
    log,
    metrics,
    authorization: await authorizationOf(config),
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
  await app.listen({ host: config.host, port: config.port, listenTextResolver: text });
  const { port } = app.server.address() as AddressInfo;
  return { url: urlOf(config.host, port), reload: ring.reload, stop: () => app.close() };
}

/**
 * Starts several processes that serve over HTTP on one port. This one starts them and replaces those that die, follows
 * the ring's file for all of them, and serves nothing itself.
 *
 * @param count how many
 * @param onEnd told why, where none serves any more and none can be started
 * @throws {RingError} where the ring is broken @throws {ConfigError} where serving so would be unsafe @throws {Error} where the port cannot be had
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
  await announce(config, log);
  const own = await metricsFor(config, 'primary');
  const scraped = await serveMetrics(config, log, own, async () => started?.ask<Snapshot>('metrics') ?? []);
  const workers = await startWorkers(config, count, log, onEnd);
  started = workers;
  const { rateLimit, maxConnections } = config;
  const rate =
    rateLimit === 0
      ? ''
      : `each counts --rate-limit for itself, so that a caller who reaches all has up to ${count} times ${rateLimit} a minute; `;
  log.info(`${count} workers: ${rate}--max-connections is shared out, ${shareOf(maxConnections, count)} each`);
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

/** Loads the ring of a configuration, refuses one that must not be used so, and keeps it up to date. */
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

async function authorizationOf(config: Config): Promise<Authorization | undefined> {
  const { authIssuer: issuer, authAudience: audience, authResource: resource, authScopes: scopes = [] } = config;
  if (issuer === undefined || audience === undefined) return undefined;
  const { prepareAuthorization } = await import('../app/authorization/authorization.ts');
  return prepareAuthorization({ issuer, audience, resource, scopes, acceptClientId: config.authAcceptClientId === true });
}

function limitsOf({ rateLimit, maxConnections, trustProxy }: Config, workers: number) {
  return { rateLimit, maxConnections: shareOf(maxConnections, workers), trustProxy };
}

function shareOf(limit: number, workers: number): number {
  return Math.ceil(limit / workers);
}

/** Says what whoever configured a server may not know of it. */
async function announce(config: Config, log: Logger): Promise<void> {
  if (admissionOf(config).allowedHosts === undefined) log.warn('Host is not checked; name the hosts that clients use with --allowed-hosts');
  const { authIssuer, authAudience: audience, authResource: resource } = config;
  if (authIssuer === undefined || audience === undefined) return;
  const { resourceOf } = await import('../app/authorization/authorization.ts');
  if (resourceOf({ audience, resource }) !== undefined) return;
  log.warn('No audience is an https URL, so clients are not told where to get access tokens; name this server with --auth-resource');
}
