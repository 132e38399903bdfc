import { isSpanContextValid, trace } from '@opentelemetry/api';
import pino, { type Logger } from 'pino';
import * as z from 'zod';
import { type CallRecord, ToolDefect } from '../../kit/index.ts';
import type { LogLevel } from '../config/settings.ts';

/** The most bytes that wait for the reader of the log: 4 MiB. Further lines are dropped. */
const LOG_BUFFER = 4 * 1024 * 1024;

/**
 * The most bytes in one write (PIPE_BUF). The operating system never mixes such a write with those of other processes.
 */
const WHOLE_WRITE = 4096;

/** The longest time that an ending process waits for the reader of its log, in milliseconds. */
const DRAIN_MS = 500;

/** A log that can wait for its last lines. */
export interface Log extends Logger {
  /**
   * Waits until all lines are written, but at most half a second. Lines that are not written by then are dropped. Call
   * this after the last line.
   */
  drain(): Promise<void>;
}

/**
 * Creates a log that writes to a stream. On a terminal the lines are text, and otherwise JSON. The log writes in the
 * background, so the server goes on if the reader of the log stops. Up to 4 MiB of lines wait for the reader; further
 * lines are dropped.
 *
 * @param worker the number of this process, if several processes write to the stream; each line then contains it
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
  // pino-pretty takes long to load.
  const pretty = stream.isTTY ? (await import('pino-pretty')).default : undefined;
  const format = pretty?.({ destination, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) ?? destination;
  // Fastify's errors and their messages contain parts of requests.
  const err = (error: { type?: string; name?: string; code?: string }) => ({ name: error.name, code: error.code });
  const root = pino({ level, serializers: { err } }, format);
  const log = worker === undefined ? root : root.child({ worker });
  const drain = async () => {
    const written = new Promise<void>((resolve) => destination.once('drain', resolve).once('error', () => resolve()));
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
    // Without this line, pino tries for ever to write the remaining lines at exit.
    destination.flushSync = () => {};
  };
  return Object.assign(log, { drain });
}

/**
 * Logs one call of a tool. Of the record's `defect`, the log gets only the parts that cannot contain state.
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
  // The state of an authentic handle does not fit the schema: somebody probably changed the schema without a new
  // version.
  else if (record.reason === 'state') log.warn(line, 'tool call');
  else log.info(line, 'tool call');
}

/** OpenTelemetry's log fields for the trace and the span. They connect a log line with its trace. */
function traceOfThis(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/** The parts of an error that a log may show. */
interface Anatomy {
  readonly name: string;
  /** The message of a {@link ToolDefect}. Other errors' messages may contain state. */
  readonly problem?: string;
  /** The codes of a schema's issues. */
  readonly problems?: readonly string[];
  readonly at: readonly string[];
  readonly cause?: Anatomy;
}

/** Describes an error without messages that could contain state. */
function anatomy(error: unknown): Anatomy {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  // The stack begins with the message, whose lines could look like frames. So the message is cut off. If the stack
  // begins differently, no frame is shown.
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
