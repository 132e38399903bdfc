import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { CallRecord } from '../kit/index.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A log on a stream: readable on a terminal, JSON a line otherwise. Written synchronously, so that nothing is lost at exit. */
export function createLog(level: LogLevel, stream: NodeJS.WriteStream & { readonly fd: number }): Logger {
  const destination = pino.destination({ fd: stream.fd, sync: true });
  if (!stream.isTTY) return pino({ level }, destination);
  return pino({ level }, pretty({ destination, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
}

/** Writes the line of one tool call. Everything in a {@link CallRecord} but the defect may be logged as it is. */
export function logCall(log: Pick<Logger, 'info' | 'error'>, { defect, ms, ...record }: CallRecord): void {
  const line = { ...record, ms: Math.round(ms * 100) / 100 };
  if (defect === undefined) log.info(line, 'tool call');
  else log.error({ ...line, defect: anatomy(defect) }, 'tool call');
}

/** An error without its message, which may hold state: its name, and where it came from. */
function anatomy(error: unknown): { name: string; at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const at = (error.stack ?? '').split('\n').filter((frame) => /^\s+at /.test(frame));
  return { name: error.name, at: at.map((frame) => frame.trim()) };
}
