/** Metrics where a configuration asks for them: of one process, or of several together. Loaded only then. */
import type { Logger } from 'pino';
import type { Config } from '../../config/settings.ts';
import type { Metrics, Snapshot } from './metrics.ts';

/** What a configuration says of metrics. */
type Wanted = Pick<Config, 'metrics'>;

/** What closes when a server stops. */
export interface Closing {
  close(): void;
}

/** The metrics of this process, if they are wanted. @param worker its name among several processes */
export async function metricsFor({ metrics }: Wanted, worker?: string): Promise<Metrics | undefined> {
  if (metrics === undefined) return undefined;
  const { createMetrics } = await import('./metrics.ts');
  return createMetrics(worker);
}

/**
 * Serves metrics at their own address, and says where.
 *
 * @param own of this process; absent where none are wanted
 * @param others of those that serve beside it
 * @throws {Error} where the address cannot be had
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
