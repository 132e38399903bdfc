import { type Claims, DEFAULT_MAX_LENGTH, fingerprint } from '../../handle/index.ts';
import type { CallRecord, Environment } from '../environment.ts';

/** Reports how a call ended. */
export type Recorder = (ending: Omit<CallRecord, 'tool' | 'ms'>) => void;

/** Starts to time a call, and returns the function that reports its end. */
export function recorderOf(tool: string, environment: Environment): Recorder {
  const started = performance.now();
  return (ending) => {
    // The caller must get the answer even if `onCall` throws. A promise that rejects must not end the process.
    try {
      const told: unknown = environment.onCall?.({ tool, ...ending, ms: performance.now() - started });
      if (told instanceof Promise) told.catch(() => {});
    } catch {}
  };
}

/** What a log may contain about a handle. */
export type Trace = Pick<CallRecord, 'task' | 'revision' | 'fingerprint' | 'length'>;

/** Describes an opened or issued handle for the log. */
export async function traceOf({ handle, claims }: { handle: string; claims: Claims }): Promise<Trace> {
  return { task: claims.jti, revision: claims.rev, fingerprint: await fingerprint(handle), length: handle.length };
}

/**
 * Describes a handle that did not open, for the log. A text longer than any handle gets no fingerprint, because that
 * would cost time.
 */
export async function traceOfUnopened(given: unknown, { maxLength = DEFAULT_MAX_LENGTH }: Environment): Promise<Trace> {
  return typeof given === 'string' && given.length <= maxLength ? { fingerprint: await fingerprint(given) } : {};
}
