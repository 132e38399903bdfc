/** Metrics for Prometheus. They contain nothing of any task, and no label that a client could choose. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import { mintsUntil, type Ring } from '../../../keys/index.ts';
import type { CallRecord } from '../../../kit/index.ts';
import type { RefusalReason } from '../../app/refusals.ts';

/** The upper bounds of buckets: for calls in seconds, and for handles in characters. The default limit of a handle is 8,192. */
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const CHARACTERS = [512, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 16_384, 65_536];

const DAY_S = 86_400;

/** The sources of the gauges. */
export interface Sources {
  /** The number of requests without an answer yet. */
  inHand(): number;
  ring(): Ring;
  /** Seconds since 1970. */
  now(): number;
}

/** The metrics of one process, in a form that it can send to another process. */
export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** The metrics of one process. */
export interface Metrics {
  called(record: CallRecord): void;
  refused(status: number, reason: RefusalReason): void;
  /** Adds the gauges of a server. */
  follow(sources: Sources): void;
  /** Writes all metrics in Prometheus' text format. */
  text(): Promise<string>;
  snapshot(): Promise<Snapshot>;
}

/** Creates the metrics of this process. @param worker the name of this process among several, which every metric then has as a label */
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
    help: 'Requests refused before any tool, by HTTP status and by the reason that the log has, too.',
    labelNames: ['status', 'reason'],
    registers,
  });
  const sheds = new Counter({ name: 'waxseal_sheds_total', help: 'Requests refused with 503 because too many were in hand.', registers });

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
    help: 'Requests without an answer yet.',
    registers,
    collect() {
      this.set(inHand());
    },
  });
  new Gauge({
    name: 'waxseal_key_life_days',
    help: 'Days from now for which the ring has a key that mints, without a gap.',
    registers,
    collect() {
      this.set((mintsUntil(ring().entries, now()) - now()) / DAY_S);
    },
  });
  new Gauge({
    name: 'waxseal_revocations',
    help: 'Revocations in the ring, of tasks and of callers.',
    labelNames: ['of'],
    registers,
    collect() {
      const { tasks, subjects } = ring().revocations;
      this.set({ of: 'task' }, tasks.size);
      this.set({ of: 'caller' }, subjects.size);
    },
  });
}
