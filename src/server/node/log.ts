import { isSpanContextValid, trace } from '@opentelemetry/api';
import pino, { type Logger } from 'pino';
import * as z from 'zod';
import { type CallRecord, ToolDefect } from '../../kit/index.ts';
import type { LogLevel } from '../config/settings.ts';

/** The maximum number of bytes that wait for the reader of the log: 4 MiB. If more lines would have to wait, they are dropped. */
const LOG_BUFFER = 4 * 1024 * 1024;

/**
 * The maximum number of bytes in one write (PIPE_BUF). The operating system never mixes such a write with the writes of other
 * processes to the same pipe.
 */
const WHOLE_WRITE = 4096;

/** The longest time that a process waits for the reader of its log before the process ends, in milliseconds. */
const DRAIN_MS = 500;

/** A log with an additional function, which waits until the last lines are written. */
export interface Log extends Logger {
  /**
   * Waits until all lines are written, but at most half a second. Lines that are not written by then are dropped. Call this
   * function after the last line.
   */
  drain(): Promise<void>;
}

/**
 * Creates a log that writes to a stream. On a terminal the lines are text, and otherwise JSON. The log writes in the background,
 * so that the server goes on even if the reader of the log stops reading. Up to 4 MiB of lines wait for the reader; further
 * lines are dropped.
 *
 * @param worker the number of this process, if several processes write to the same stream; each line then contains this number
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
  // pino-pretty takes long to load, so it is loaded only for a terminal.
  const pretty = stream.isTTY ? (await import('pino-pretty')).default : undefined;
  const format = pretty?.({ destination, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) ?? destination;
  // Only the name and the code of an error are logged, because Fastify's errors and their messages contain parts of requests.
  const err = (error: { type?: string; name?: string; code?: string }) => ({ name: error.name, code: error.code });
  const root = pino({ level, serializers: { err } }, format);
  const log = worker === undefined ? root : root.child({ worker });
  const drain = async () => {
    const written = new Promise<void>((resolve) => destination.once('drain', resolve).once('error', () => resolve()));
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
    // Without this line, pino would try for ever to write the remaining lines when the process exits.
    destination.flushSync = () => {};
  };
  return Object.assign(log, { drain });
}

/**
 * Logs one call of a tool. In a {@link CallRecord}, only the member `defect` can contain secrets. Of this member, the log gets
 * only the parts that cannot contain state.
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
  // The reason `state` means that the state of an authentic handle does not fit the schema. Most likely somebody changed the
  // schema without raising the version of the kind.
  else if (record.reason === 'state') log.warn(line, 'tool call');
  else log.info(line, 'tool call');
}

/**
 * Returns the ids of the call's trace and span, under OpenTelemetry's names for log fields. With them, a reader can find the
 * trace that belongs to a log line, and the log line that belongs to a trace.
 */
function traceOfThis(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/** The parts of an error that a log may show. */
interface Anatomy {
  readonly name: string;
  /** The message, if the error is a {@link ToolDefect}. Absent for other errors, because their messages may contain state. */
  readonly problem?: string;
  /** The codes of the problems that a schema found. */
  readonly problems?: readonly string[];
  /** The frames of the stack. */
  readonly at: readonly string[];
  readonly cause?: Anatomy;
}

/** Describes an error for the log. The description contains no message that could contain state. */
function anatomy(error: unknown): Anatomy {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  // The stack begins with the message, and lines of the message could look like frames. So the message is cut off. If the stack
  // does not begin with the message, no frame is shown.
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
