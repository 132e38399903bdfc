/** Reads dropped or pasted logs, up to the bound {@link MOST_READ}. */
import { type AuditReport, createAudit } from '../../audit/index.ts';
import type { Ring } from '../../keys/index.ts';
import { createPause } from '../ui/pause.ts';

/** The number of bytes of unpacked text that the page reads at most, of all logs together. */
export const MOST_READ = 64 * 1_048_576;

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

/** The report on the logs, and the place where the reading stopped. */
export interface LogReport {
  readonly report: AuditReport;
  /** The name of the log that was not read to its end. The logs after it were not read. Undefined if all were read. */
  readonly stoppedIn: string | undefined;
}

/** Audits logs one after the other. */
export async function readLogs(logs: readonly Log[], { ring, callerField, now, signal, onProgress }: ReadOptions): Promise<LogReport> {
  const pause = createPause();
  const audit = createAudit({ ring, callerField, pause });
  const whole = Math.min(
    MOST_READ,
    logs.reduce((sum, { blob }) => sum + blob.size, 0),
  );
  let [before, room, stoppedIn] = [0, MOST_READ, undefined as string | undefined];
  for (const { name, blob } of logs) {
    const log = openLog(blob, (bytes) => onProgress(Math.min(1, (before + bytes) / whole)));
    await audit.read(name, log.text(room, signal));
    if (!log.isRead()) {
      stoppedIn = name;
      break;
    }
    before += blob.size;
    room -= log.length();
  }
  const steps = audit.reportInSteps(now);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return { report: step.value, stoppedIn };
    await pause();
  }
}

/**
 * Unpacks gzip, and decodes UTF-16 and UTF-8. The bound applies to unpacked bytes, because a small gzip file may become
 * too large for a page.
 *
 * @param onRead gets the number of bytes of the file that were read so far
 */
function openLog(blob: Blob, onRead: (bytes: number) => void) {
  let [packed, unpacked, isRead] = [0, 0, false];
  const told = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      packed += chunk.length;
      controller.enqueue(chunk);
      onRead(packed);
    },
  });

  async function* text(room: number, signal: AbortSignal): AsyncGenerator<string> {
    const beginning = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
    const isGzip = beginning[0] === 0x1f && beginning[1] === 0x8b;
    const bytes = blob.stream().pipeThrough(told);
    // Some browsers do not support `for await` on streams, so `getReader` reads the stream.
    const reader = (isGzip ? bytes.pipeThrough(new DecompressionStream('gzip')) : bytes).getReader();
    const decoder = new TextDecoder(isGzip ? undefined : utf16In(beginning));
    while (!signal.aborted) {
      const { done, value } = await reader.read();
      if (done) {
        isRead = true;
        return;
      }
      if (unpacked === room) break;
      const part = value.subarray(0, room - unpacked);
      unpacked += part.length;
      const decoded = decoder.decode(part, { stream: true });
      for (let at = 0; at < decoded.length; at += AT_ONCE) yield decoded.slice(at, at + AT_ONCE);
    }
    await reader.cancel();
  }

  return { text, isRead: () => isRead, length: () => unpacked };
}

/** Recognizes UTF-16 by its byte order mark, or by the zero byte that UTF-16 has beside each ASCII character. */
function utf16In([a, b, c, d]: Uint8Array): string | undefined {
  if ((a === 0xff && b === 0xfe) || (a && b === 0 && c && d === 0)) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (a === 0 && b && c === 0 && d)) return 'utf-16be';
  return undefined;
}
