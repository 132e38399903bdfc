/** Reads dropped or pasted logs, up to the bound {@link MOST_READ}. */
import { type AuditReport, createAudit } from '../../audit/index.ts';
import type { Ring } from '../../keys/index.ts';
import { createPause } from '../ui/pause.ts';

/** The number of bytes that the page reads at most, of all logs together. */
const MOST_READ = 64 * 1_048_576;

/** The number of characters that the page reads without a pause. */
const AT_ONCE = 65_536;

export interface Log {
  readonly name: string;
  readonly blob: Blob;
}

export interface ReadOptions {
  readonly ring: Ring | undefined;
  /** The member of JSON lines that names the caller. */
  readonly callerField: string | undefined;
  /** The present time, in seconds since 1970. */
  readonly now: number;
  /** Ends the reading early. The report then covers the part that was read. */
  readonly signal: AbortSignal;
  /** Called during the reading. @param share the part that has been read, from 0 to 1 */
  onProgress(share: number): void;
}

/** The report on the logs, and the length of the part that it leaves out. */
export interface LogReport {
  readonly report: AuditReport;
  /** The number of bytes that were not read. */
  readonly unread: number;
}

/** Audits logs one after the other. */
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

/**
 * Unpacks gzip, and decodes UTF-16 and UTF-8. Some browsers do not support `for await` on streams, so `getReader` reads
 * the stream.
 */
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
  // The bound also applies to unpacked bytes, because a small gzip file may become too large for a page.
  while (!signal.aborted && unpacked < MOST_READ) {
    const { done, value } = await reader.read();
    if (done) return;
    unpacked += value.length;
    const text = decoder.decode(value, { stream: true });
    for (let at = 0; at < text.length; at += AT_ONCE) yield text.slice(at, at + AT_ONCE);
  }
  await reader.cancel();
}

/** Recognizes UTF-16 by its byte order mark, or by the zero byte that UTF-16 has beside each ASCII character. */
function utf16In([a, b, c, d]: Uint8Array): string | undefined {
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return 'utf-16be';
  return undefined;
}
