/** What a server counts for Prometheus: nothing of any task, and no label that a client could write. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import { mintsUntil, type Ring } from '../../../keys/index.ts';
import type { CallRecord } from '../../../kit/index.ts';
import type { RefusalReason } from '../../app/refusals.ts';

/** Where buckets end: of calls in seconds, of handles in characters, of which 8,192 are the most by default. */
const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];
const CHARACTERS = [512, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 16_384, 65_536];

const DAY_S = 86_400;

/** What a process knows of itself at any moment. */
export interface Sources {
  /** How many requests have not been answered yet. */
  inHand(): number;
  ring(): Ring;
  /** Seconds since 1970. */
  now(): number;
}

/** One process's metrics, as they travel to another. */
export type Snapshot = MetricObjectWithValues<MetricValue<string>>[];

/** The metrics of one process. */
export interface Metrics {
  called(record: CallRecord): void;
  refused(status: number, reason: RefusalReason): void;
  /** Has gauges follow a server. Without one there are none. */
  follow(sources: Sources): void;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  snapshot(): Promise<Snapshot>;
}

/** @param worker which of several processes this is; every figure then says so */
export function createMetrics(worker?: string): Metrics {
  const register = new Registry();
  const registers = [register];
  if (worker !== undefined) register.setDefaultLabels({ worker });
  collectDefaultMetrics({ register });
  const calls = new Counter({
    name: 'waxseal_calls_total',
    help: 'Calls of tools, by outcome (ok, error, input_required) and, where that is error, its code.',
    labelNames: ['tool', 'outcome', 'code'],
    registers,
  });
  const durations = new Histogram({
    name: 'waxseal_call_duration_seconds',
    help: 'How long calls of tools took.',
    labelNames: ['tool'],
    buckets: SECONDS,
    registers,
  });
  const lengths = new Histogram({
    name: 'waxseal_handle_length_characters',
    help: 'How long the handles in answers were.',
    buckets: CHARACTERS,
    registers,
  });
  const refusals = new Counter({
    name: 'waxseal_refusals_total',
    help: 'Requests refused before any tool, by HTTP status and reason, in the words of the log.',
    labelNames: ['status', 'reason'],
    registers,
  });
  const sheds = new Counter({ name: 'waxseal_sheds_total', help: 'Requests refused with 503 because enough were in hand.', registers });

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
    help: 'Requests that have not been answered yet.',
    registers,
    collect() {
      this.set(inHand());
    },
  });
  new Gauge({
    name: 'waxseal_key_life_days',
    help: 'For how many days from now on some key of the ring mints, without a gap.',
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
