import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import type { Metrics, Snapshot } from './metrics.ts';

/**
 * Writes the metrics of several processes in one text. Each value has its process as a label. Counters are not added
 * up: the sum would fall when a worker is replaced, and Prometheus takes a fall for a restart at zero.
 */
export async function textOfAll(own: Metrics, snapshots: readonly Snapshot[]): Promise<string> {
  const count = new Registry();
  new Gauge({ name: 'waxseal_workers', help: 'Worker processes that answer.', registers: [count] }).set(snapshots.length);
  const all = [await own.snapshot(), ...snapshots];
  return (await count.metrics()) + (await AggregatorRegistry.aggregate(all).metrics());
}
