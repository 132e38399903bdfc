import { isSpanContextValid, trace } from '@opentelemetry/api';
import pino, { type Logger } from 'pino';
import * as z from 'zod';
import { type CallRecord, ToolDefect } from '../../kit/index.ts';
import type { LogLevel } from '../config/settings.ts';

/** How much of the log waits for its reader. Further lines are dropped. Bytes (4 MiB). */
const LOG_BUFFER = 4 * 1024 * 1024;

/** The longest write (PIPE_BUF). The system does not split it, even if several processes write to one pipe. Bytes. */
const WHOLE_WRITE = 4096;

/** How long a process waits for the reader of its log before it ends. Milliseconds. */
const DRAIN_MS = 500;

/** A log that can write out its last lines. */
export interface Log extends Logger {
  /** Waits until all lines are written, for half a second at most. The rest is dropped. To be called after the last line. */
  drain(): Promise<void>;
}

/**
 * Creates a log on a stream. The lines are text on a terminal, and JSON otherwise. The log writes in the background, so
 * that a reader who stops reading does not stop the server. Lines that exceed the buffer are dropped.
 *
 * @param worker the number of this process among several that write to the stream; each line then contains it
 *
 * @example
 * ```ts
 * import { createLog } from 'waxseal/server';
 *
 * const log = await createLog('info', process.stderr);
 * log.info('started');
 * await log.drain();
 * ```
 */
export async function createLog(level: LogLevel, stream: NodeJS.WriteStream & { readonly fd: number }, worker?: number): Promise<Log> {
  const destination = pino.destination({ fd: stream.fd, sync: false, minLength: 0, maxLength: LOG_BUFFER, maxWrite: WHOLE_WRITE });
  // The module takes long to load, so it is loaded only for a terminal.
  const pretty = stream.isTTY ? (await import('pino-pretty')).default : undefined;
  const format = pretty?.({ destination, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) ?? destination;
  // Fastify's errors contain bytes of requests, and their messages quote requests.
  const err = (error: { type?: string; name?: string; code?: string }) => ({ name: error.name, code: error.code });
  const root = pino({ level, serializers: { err } }, format);
  const log = worker === undefined ? root : root.child({ worker });
  const drain = async () => {
    const written = new Promise<void>((resolve) => destination.once('drain', resolve).once('error', () => resolve()));
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
    // pino would otherwise try for ever to write the rest when the process exits.
    destination.flushSync = () => {};
  };
  return Object.assign(log, { drain });
}

/**
 * Logs one tool call. A {@link CallRecord} contains nothing secret, except perhaps in `defect`. The log gets only the parts of
 * `defect` that cannot contain state.
 *
 * @example
 * ```ts
 * import type { CallRecord } from 'waxseal';
 * import { type Log, logCall } from 'waxseal/server';
 *
 * const onCallFor = (log: Log) => (record: CallRecord) => logCall(log, record);
 * ```
 */
export function logCall(log: Pick<Logger, 'info' | 'warn' | 'error'>, { defect, ms, ...record }: CallRecord): void {
  const line = { ...record, ms: Math.round(ms * 100) / 100, ...traceOfThis() };
  if (defect !== undefined) log.error({ ...line, defect: anatomy(defect) }, 'tool call');
  // `state` means that an authentic handle does not fit the schema. Most likely somebody changed the schema without raising its version.
  else if (record.reason === 'state') log.warn(line, 'tool call');
  else log.info(line, 'tool call');
}

/** The ids of the call's trace and span, under OpenTelemetry's names. They lead a reader from the line to the trace, and back. */
function traceOfThis(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/** What a log may show of an error. */
interface Anatomy {
  readonly name: string;
  /** The message of a {@link ToolDefect}. It is absent for other errors, because their messages may contain state. */
  readonly problem?: string;
  /** The codes of the problems that a schema found. */
  readonly problems?: readonly string[];
  /** The stack. */
  readonly at: readonly string[];
  readonly cause?: Anatomy;
}

/** Describes an error for the log, without a message that may contain state. */
function anatomy(error: unknown): Anatomy {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  // The message may have lines that look like frames, so it is cut off as a whole. If it cannot be cut off, no frame is shown.
  const head = `${error.name}: ${error.message}\n`;
  const stack = error.stack?.startsWith(head) ? error.stack.slice(head.length) : '';
  const at = stack.split('\n').filter((frame) => /^\s+at /.test(frame));
  return {
    name: error.name,
    ...(error instanceof ToolDefect && { problem: error.message }),
    ...(error instanceof z.core.$ZodError && { problems: error.issues.slice(0, 5).map(({ code }) => code) }),
    at: at.map((frame) => frame.trim()),
    ...(error.cause !== undefined && { cause: anatomy(error.cause) }),
  };
}
