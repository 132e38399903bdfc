import { type Claims, DEFAULT_MAX_LENGTH, fingerprint } from '../../handle/index.ts';
import type { CallRecord, Environment } from '../environment.ts';

/** Reports to the environment how a call ended. */
export type Recorder = (ending: Omit<CallRecord, 'tool' | 'ms'>) => void;

/** Starts to measure a call, and returns the function that reports its end. */
export function recorderOf(tool: string, environment: Environment): Recorder {
  const started = performance.now();
  return (ending) => {
    // If `onCall` throws, the caller must still get the answer. If `onCall` returns a promise that rejects, the process must not end.
    try {
      const told: unknown = environment.onCall?.({ tool, ...ending, ms: performance.now() - started });
      if (told instanceof Promise) told.catch(() => {});
    } catch {}
  };
}

/** The facts about a handle that a log may contain. */
export type Trace = Pick<CallRecord, 'task' | 'revision' | 'fingerprint' | 'length'>;

/** Describes an opened or issued handle for the log. */
export async function traceOf({ handle, claims }: { handle: string; claims: Claims }): Promise<Trace> {
  return { task: claims.jti, revision: claims.rev, fingerprint: await fingerprint(handle), length: handle.length };
}

/**
 * Describes a handle that did not open, for the log. If the text is longer than any handle may be, the function computes no
 * fingerprint, so that a very long text costs no time.
 */
export async function traceOfUnopened(given: unknown, { maxLength = DEFAULT_MAX_LENGTH }: Environment): Promise<Trace> {
  return typeof given === 'string' && given.length <= maxLength ? { fingerprint: await fingerprint(given) } : {};
}
