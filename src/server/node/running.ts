/** What a server is while it runs, over HTTP or not, and what each is made of. */
import type { Logger } from 'pino';
import type { CallRecord, Environment } from '../../kit/index.ts';
import type { LoadedRing } from '../config/ring.ts';
import type { WatchedRing } from '../config/ring-watch.ts';
import type { StdioConfig } from '../config/settings.ts';
import { logCall } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';

/** A server that runs. */
export interface Running {
  /** Where it serves MCP; absent over stdio. */
  readonly url?: string;
  /** Reads the ring's file again, as it also does by itself when the file changes. */
  reload(): Promise<void>;
  /** Takes no more requests, answers those in flight, then ends. */
  stop(): Promise<void>;
}

/** The same, which can be stopped before it serves. */
export interface Starting extends Running {
  /** When it serves. Rejects where it cannot. */
  readonly serving: Promise<void>;
}

/** What tools run in, as a configuration says. */
export function environmentOf(config: StdioConfig, ring: WatchedRing, log: Logger, now: () => number, metrics?: Metrics): Environment {
  const { audience, maxLength, notBefore, handleIn } = config;
  const onCall = (record: CallRecord) => {
    logCall(log, record);
    metrics?.called(record);
  };
  return { ring: ring.current, now, audience, maxLength, notBefore, handleIn, onCall };
}

/** Says which ring is used. */
export function announceRing({ ring, source, created, readableByOthers }: LoadedRing, log: Logger): void {
  if (readableByOthers) log.warn(`${source} is readable by other users of this machine; make it private: chmod 600 ${source}`);
  const kids = ring.entries.map((entry) => entry.kid);
  if (created)
    log.warn(
      { kids },
      `Wrote a development key ring to ${source}; whoever reads it can make handles. For a deployment: waxseal keys generate`,
    );
  else log.info({ kids }, `Key ring: ${source}`);
}
