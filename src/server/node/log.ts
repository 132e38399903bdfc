import { isSpanContextValid, trace } from '@opentelemetry/api';
import pino, { type Logger } from 'pino';
import * as z from 'zod';
import type { CallRecord } from '../../kit/index.ts';
import type { LogLevel } from '../config/settings.ts';

/** How much of a log that nobody reads is kept before lines are dropped. Bytes. */
const LOG_BUFFER = 4 * 1024 * 1024;

/** Most that one write takes (PIPE_BUF): the system keeps it in one piece, also where several processes write to one pipe. Bytes. */
const WHOLE_WRITE = 4096;

/** How long a process that ends waits for the reader of its log. Milliseconds. */
const DRAIN_MS = 500;

/** A log, and how to get out what it still holds. */
export interface Log extends Logger {
  /** For the end of a process, after its last line: waits until that is written, or for half a second. What is then left is dropped. */
  drain(): Promise<void>;
}

/**
 * A log on a stream: readable on a terminal, JSON a line otherwise. Written in the background, so that a reader who
 * falls asleep stops no server; what exceeds the buffer is dropped.
 *
 * @param worker which of several processes this is, that write to the same stream; each line then says so
 */
export async function createLog(level: LogLevel, stream: NodeJS.WriteStream & { readonly fd: number }, worker?: number): Promise<Log> {
  const destination = pino.destination({ fd: stream.fd, sync: false, minLength: 0, maxLength: LOG_BUFFER, maxWrite: WHOLE_WRITE });
  // Loaded only where somebody looks, for it takes its time.
  const pretty = stream.isTTY ? (await import('pino-pretty')).default : undefined;
  const format = pretty?.({ destination, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) ?? destination;
  // Errors of the framework carry the bytes of requests, and messages that quote them.
  const err = (error: { type?: string; name?: string; code?: string }) => ({ name: error.name, code: error.code });
  const root = pino({ level, serializers: { err } }, format);
  const log = worker === undefined ? root : root.child({ worker });
  const drain = async () => {
    const written = new Promise<void>((resolve) => destination.once('drain', resolve).once('error', () => resolve()));
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
    // What is left has no reader, and a process that ends would try for ever to write it.
    destination.flushSync = () => {};
  };
  return Object.assign(log, { drain });
}

/** Writes the line of one tool call. Everything in a {@link CallRecord} but the defect may be logged as it is. */
export function logCall(log: Pick<Logger, 'info' | 'warn' | 'error'>, { defect, ms, ...record }: CallRecord): void {
  const line = { ...record, ms: Math.round(ms * 100) / 100, ...traceOfThis() };
  if (defect !== undefined) log.error({ ...line, defect: anatomy(defect) }, 'tool call');
  // Authentic, and yet it does not fit: most likely the schema has changed and its version has not.
  else if (record.reason === 'state') log.warn(line, 'tool call');
  else log.info(line, 'tool call');
}

/** Which trace this is a part of, in the words of OpenTelemetry, so that a line is found from a trace and the other way round. */
function traceOfThis(): { trace_id?: string; span_id?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/** An error without its message, which may hold state: its name, what kinds of problem a schema found, and where it came from. */
function anatomy(error: unknown): { name: string; at: string[]; problems?: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  // The message may have lines that look like frames: it is cut off as a whole, or nothing is told.
  const head = `${error.name}: ${error.message}\n`;
  const stack = error.stack?.startsWith(head) ? error.stack.slice(head.length) : '';
  const at = stack.split('\n').filter((frame) => /^\s+at /.test(frame));
  const problems = error instanceof z.core.$ZodError ? error.issues.slice(0, 5).map(({ code }) => code) : undefined;
  return { name: error.name, ...(problems && { problems }), at: at.map((frame) => frame.trim()) };
}
