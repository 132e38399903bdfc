/** The parts that a server over HTTP and a server over standard input and output have in common. */
import type { Logger } from 'pino';
import type { CallRecord, Environment } from '../../kit/index.ts';
import type { LoadedRing } from '../config/ring.ts';
import type { WatchedRing } from '../config/ring-watch.ts';
import type { StdioConfig } from '../config/settings.ts';
import { logCall } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';

/** A running server. */
export interface Running {
  /** The URL of the MCP endpoint. Absent if the server uses standard input and output. */
  readonly url?: string;
  /** Reads the ring's file again. The server also reads the file again by itself when the file changes. */
  reload(): Promise<void>;
  /** Stops the server. It accepts no more requests, and answers the requests in flight. Then the promise resolves. */
  stop(): Promise<void>;
}

/** A server that can be stopped even before it serves. */
export interface Starting extends Running {
  /** A promise that resolves when the server serves, and rejects if the server cannot start. */
  readonly serving: Promise<void>;
}

/** Makes the environment with which tools run, from a configuration. */
export function environmentOf(config: StdioConfig, ring: WatchedRing, log: Logger, now: () => number, metrics?: Metrics): Environment {
  const { audience, maxLength, notBefore, handleIn } = config;
  const onCall = (record: CallRecord) => {
    logCall(log, record);
    metrics?.called(record);
  };
  return { ring: ring.current, now, audience, maxLength, notBefore, handleIn, onCall };
}

/** Logs which ring the server uses. */
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
