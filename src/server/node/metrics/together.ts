import { AggregatorRegistry, Gauge, Registry } from 'prom-client';
import type { Metrics, Snapshot } from './metrics.ts';

/**
 * Writes the metrics of several processes in one text. Each value has its process as a label, and values are not added
 * up. So the counters of a new worker begin at zero and change no others, as Prometheus expects.
 */
export async function textOfAll(own: Metrics, snapshots: readonly Snapshot[]): Promise<string> {
  const count = new Registry();
  new Gauge({ name: 'waxseal_workers', help: 'Worker processes that answer.', registers: [count] }).set(snapshots.length);
  const all = [await own.snapshot(), ...snapshots];
  return (await count.metrics()) + (await AggregatorRegistry.aggregate(all).metrics());
}
