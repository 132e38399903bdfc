/** Metrics for Prometheus. They contain no part of a task, and no label that a client could choose. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import { mintsUntil, type Ring } from '../../../keys/index.ts';
import type { CallRecord } from '../../../kit/index.ts';
import type { RefusalReason } from '../../app/refusals.ts';

/** The upper bounds of the histograms' buckets. */
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const CHARACTERS = [512, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 16_384, 65_536];

const DAY_S = 86_400;

/** Where the gauges get their values. */
export interface Sources {
  /** The calls of MCP that have arrived and have no answer yet. */
  inHand(): number;
  ring(): Ring;
  /** In seconds since 1970. */
  now(): number;
}

/** The metrics of one process, for another process. */
export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** The metrics of one process. */
export interface Metrics {
  /** Counts a call of a tool. */
  called(record: CallRecord): void;
  /** Counts a request that was refused before it reached a tool. */
  refused(status: number, reason: RefusalReason): void;
  follow(sources: Sources): void;
  /** Returns all metrics in Prometheus's text format. */
  text(): Promise<string>;
  snapshot(): Promise<Snapshot>;
}

/** @param worker the name of this process, if several serve together; every metric then has it as a label */
export function createMetrics(worker?: string): Metrics {
  const register = new Registry();
  const registers = [register];
  if (worker !== undefined) register.setDefaultLabels({ worker });
  collectDefaultMetrics({ register });
  const calls = new Counter({
    name: 'waxseal_calls_total',
    help: 'Calls of tools, by outcome (ok, error, input_required) and error code.',
    labelNames: ['tool', 'outcome', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'waxseal_call_duration_seconds',
    help: 'Duration of tool calls.',
    labelNames: ['tool'],
    buckets: SECONDS,
    registers,
  });
  const lengths = new Histogram({
    name: 'waxseal_handle_length_characters',
    help: 'Length of the handles in answers.',
    buckets: CHARACTERS,
    registers,
  });
  const refusals = new Counter({
    name: 'waxseal_refusals_total',
    help: 'Requests refused before they reached a tool, by HTTP status and by the reason, which is also in the log.',
    labelNames: ['status', 'reason'],
    registers,
  });
  const sheds = new Counter({
    name: 'waxseal_sheds_total',
    help: 'Requests refused with 503 because too many requests had no answer yet.',
    registers,
  });

  return {
    called: ({ tool, outcome, code = '', ms, length }) => {
      calls.inc({ tool, outcome, code });
      durations.observe({ tool }, ms / 1000);
      if (outcome === 'ok' && length !== undefined) lengths.observe(length);
    },
    refused: (status, reason) => {
      refusals.inc({ status: String(status), reason });
      if (reason === 'overload') sheds.inc();
    },
    follow: (sources) => followSources(sources, registers),
    text: () => register.metrics(),
    snapshot: () => register.getMetricsAsJSON() as Promise<Snapshot>,
  };
}

function followSources({ inHand, ring, now }: Sources, registers: Registry[]): void {
  new Gauge({
    name: 'waxseal_requests_in_hand',
    help: 'Requests that have arrived and have no answer yet.',
    registers,
    collect() {
      this.set(inHand());
    },
  });
  new Gauge({
    name: 'waxseal_key_life_days',
    help: 'Days from now for which the ring can mint without a gap.',
    registers,
    collect() {
      this.set((mintsUntil(ring().entries, now()) - now()) / DAY_S);
    },
  });
  new Gauge({
    name: 'waxseal_revocations',
    help: 'Number of revocations in the ring, by what is revoked (task, caller).',
    labelNames: ['of'],
    registers,
    collect() {
      const { tasks, subjects } = ring().revocations;
      this.set({ of: 'task' }, tasks.size);
      this.set({ of: 'caller' }, subjects.size);
    },
  });
}
