/** What servers over HTTP and over standard input and output share. */
import type { Logger } from 'pino';
import type { CallRecord, Environment } from '../../kit/index.ts';
import type { LoadedRing } from '../config/ring.ts';
import type { WatchedRing } from '../config/ring-watch.ts';
import type { StdioConfig } from '../config/settings.ts';
import { logCall } from './log.ts';
import type { Metrics } from './metrics/metrics.ts';

/** A running server. */
export interface Running {
  /** The URL of the MCP endpoint. Absent over standard input and output. */
  readonly url?: string;
  /** Reads the ring's file again. The server also does this when the file changes. */
  reload(): Promise<void>;
  /** Stops the server, after it has answered the requests in flight. */
  stop(): Promise<void>;
}

/** A server that can be stopped even before it serves. */
export interface Starting extends Running {
  /** Resolves when the server serves. Rejects if it cannot start. */
  readonly serving: Promise<void>;
}

export function environmentOf(config: StdioConfig, ring: WatchedRing, log: Logger, now: () => number, metrics?: Metrics): Environment {
  const { audience, maxLength, notBefore, handleIn } = config;
  const onCall = (record: CallRecord) => {
    logCall(log, record);
    metrics?.called(record);
  };
  return { ring: ring.current, now, audience, maxLength, notBefore, handleIn, onCall };
}

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
