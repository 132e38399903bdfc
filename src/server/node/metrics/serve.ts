/** Serves metrics. The modules that make metrics are loaded only if the configuration asks for metrics. */
import type { Logger } from 'pino';
import type { Config } from '../../config/settings.ts';
import type { Metrics, Snapshot } from './metrics.ts';

type Wanted = Pick<Config, 'metrics'>;

export interface Closing {
  close(): void;
}

/**
 * Creates the metrics of this process, or undefined if the configuration does not ask for metrics.
 *
 * @param worker the name of this process, if several serve together
 */
export async function metricsFor({ metrics }: Wanted, worker?: string): Promise<Metrics | undefined> {
  if (metrics === undefined) return undefined;
  const { createMetrics } = await import('./metrics.ts');
  return createMetrics(worker);
}

/**
 * Serves metrics, and logs the URL.
 *
 * @param own the metrics of this process
 * @param others asks the workers for their metrics; absent if there are no workers
 * @throws {Error} the server cannot listen on the address
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
