import { type Claims, DEFAULT_MAX_LENGTH, fingerprint } from '../../handle/index.ts';
import type { CallRecord, Environment } from '../environment.ts';

/** Tells the environment how a call ended. */
export type Recorder = (ending: Omit<CallRecord, 'tool' | 'ms'>) => void;

/** Starts the clock of a call, and tells of it when it has ended. */
export function recorderOf(tool: string, environment: Environment): Recorder {
  const started = performance.now();
  return (ending) => {
    // An observer that fails must not cost the caller the answer, nor the process its life.
    try {
      const told: unknown = environment.onCall?.({ tool, ...ending, ms: performance.now() - started });
      if (told instanceof Promise) told.catch(() => {});
    } catch {}
  };
}

/** What a log may tell of a handle. */
export type Trace = Pick<CallRecord, 'task' | 'revision' | 'fingerprint' | 'length'>;

export async function traceOf({ handle, claims }: { handle: string; claims: Claims }): Promise<Trace> {
  return { task: claims.jti, revision: claims.rev, fingerprint: await fingerprint(handle), length: handle.length };
}

/** The same of what a client sent and nobody opened. What is longer than any handle is none, and not worth a digest. */
export async function traceOfUnopened(given: unknown, { maxLength = DEFAULT_MAX_LENGTH }: Environment): Promise<Trace> {
  return typeof given === 'string' && given.length <= maxLength ? { fingerprint: await fingerprint(given) } : {};
}
