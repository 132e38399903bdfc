import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import type { Metrics, Snapshot } from './metrics.ts';

/**
 * Writes the metrics of several processes in one text. The values of the processes are not added up. Instead, each value has
 * the name of its process as a label. If a new worker replaces a dead worker, the counters of the new worker begin at zero, and
 * no other counter changes, as Prometheus expects.
 *
 * @param own the metrics of this process
 * @param snapshots the metrics of the workers that answered
 */
export async function textOfAll(own: Metrics, snapshots: readonly Snapshot[]): Promise<string> {
  const count = new Registry();
  new Gauge({ name: 'waxseal_workers', help: 'Worker processes that answer.', registers: [count] }).set(snapshots.length);
  const all = [await own.snapshot(), ...snapshots];
  return (await count.metrics()) + (await AggregatorRegistry.aggregate(all).metrics());
}
