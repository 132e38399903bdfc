import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import type { Metrics, Snapshot } from './metrics.ts';

/**
 * The metrics of several processes in one text. They are not added up: each figure names its process, so that one that
 * is started anew begins at zero for itself alone, as Prometheus expects it of counters.
 *
 * @param own of the process that asks
 * @param snapshots of the workers, as far as they answered
 */
export async function textOfAll(own: Metrics, snapshots: readonly Snapshot[]): Promise<string> {
  const count = new Registry();
  new Gauge({ name: 'waxseal_workers', help: 'Worker processes that answer.', registers: [count] }).set(snapshots.length);
  const all = [await own.snapshot(), ...snapshots];
  return (await count.metrics()) + (await AggregatorRegistry.aggregate(all).metrics());
}
