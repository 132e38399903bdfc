/** Metrics of one process, or of several together. Their modules are loaded only if the configuration asks for metrics. */
import type { Logger } from 'pino';
import type { Config } from '../../config/settings.ts';
import type { Metrics, Snapshot } from './metrics.ts';

/** The setting for metrics. */
type Wanted = Pick<Config, 'metrics'>;

/** A listener to close when the server stops. */
export interface Closing {
  close(): void;
}

/** Creates the metrics of this process, if the configuration asks for them. @param worker the name of this process among several */
export async function metricsFor({ metrics }: Wanted, worker?: string): Promise<Metrics | undefined> {
  if (metrics === undefined) return undefined;
  const { createMetrics } = await import('./metrics.ts');
  return createMetrics(worker);
}

/**
 * Serves metrics on their own address, and logs the URL.
 *
 * @param own the metrics of this process; undefined if the configuration asks for none
 * @param others gets the metrics of the workers
 * @throws {Error} if the server cannot listen on the address
 */
export async function serveMetrics(
  { metrics: address }: Wanted,
  log: Pick<Logger, 'info'>,
  own: Metrics | undefined,
  others?: () => Promise<readonly Snapshot[]>,
): Promise<Closing> {
  if (address === undefined || own === undefined) return { close: () => {} };
  const [{ listenForMetrics }, { textOfAll }] = await Promise.all([import('./listen.ts'), import('./together.ts')]);
  const text = others === undefined ? own.text : async () => textOfAll(own, await others());
  const { url, close } = await listenForMetrics(address, text);
  log.info(`Metrics at ${url}`);
  return { close };
}
