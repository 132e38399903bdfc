/** Reads logs that were dropped or pasted, within bounds. */
import { type AuditReport, createAudit } from '../../audit/index.ts';
import type { Ring } from '../../keys/index.ts';
import { createPause } from '../ui/pause.ts';

/** How much of the logs is read, in bytes. */
const MOST_READ = 64 * 1_048_576;

/** How much is looked at without a pause, in characters. */
const AT_ONCE = 65_536;

/** A log that was given. */
export interface Log {
  readonly name: string;
  readonly blob: Blob;
}

export interface ReadOptions {
  readonly ring: Ring | undefined;
  readonly callerField: string | undefined;
  /** Seconds since 1970. */
  readonly now: number;
  /** Ends the reading; what was read by then is reported. */
  readonly signal: AbortSignal;
  /** @param share from 0 to 1 */
  onProgress(share: number): void;
}

/** What was found, and whether that is of everything that was given. */
export interface LogReport {
  readonly report: AuditReport;
  /** In bytes; 0 where all was read. */
  readonly unread: number;
}

/** Audits logs, one after the other. */
export async function readLogs(logs: readonly Log[], { ring, callerField, now, signal, onProgress }: ReadOptions): Promise<LogReport> {
  const pause = createPause();
  const audit = createAudit({ ring, callerField, pause });
  const whole = logs.reduce((sum, { blob }) => sum + blob.size, 0);
  let read = 0;
  for (const { name, blob } of logs) {
    const part = blob.slice(0, MOST_READ - read);
    const before = read;
    await audit.read(
      name,
      textOf(part, signal, (bytes) => {
        read = before + bytes;
        onProgress(read / Math.min(whole, MOST_READ));
      }),
    );
    if (signal.aborted || read >= MOST_READ) break;
  }
  const steps = audit.reportInSteps(now);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return { report: step.value, unread: whole - read };
    await pause();
  }
}

/** Not every browser can iterate over a stream. */
async function* textOf(blob: Blob, signal: AbortSignal, onRead: (bytes: number) => void): AsyncGenerator<string> {
  const beginning = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  const isGzip = beginning[0] === 0x1f && beginning[1] === 0x8b;
  let read = 0;
  const told = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      read += chunk.length;
      controller.enqueue(chunk);
      onRead(read);
    },
  });
  const bytes = blob.stream().pipeThrough(told);
  const reader = (isGzip ? bytes.pipeThrough(new DecompressionStream('gzip')) : bytes).getReader();
  const decoder = new TextDecoder(isGzip ? undefined : utf16In(beginning));
  let unpacked = 0;
  // A small file may unpack to more than a page can hold.
  while (!signal.aborted && unpacked < MOST_READ) {
    const { done, value } = await reader.read();
    if (done) return;
    unpacked += value.length;
    const text = decoder.decode(value, { stream: true });
    for (let at = 0; at < text.length; at += AT_ONCE) yield text.slice(at, at + AT_ONCE);
  }
  await reader.cancel();
}

/** By the mark, or by the zeros beside characters of ASCII. */
function utf16In([a, b, c, d]: Uint8Array): string | undefined {
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return 'utf-16be';
  return undefined;
}
