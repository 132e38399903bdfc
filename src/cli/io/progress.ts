/** The time between two updates, in milliseconds. */
const INTERVAL_MS = 200;

/** A line on the terminal that shows the progress of reading. */
export interface ProgressLine {
  /** Adds bytes that were read. @param found what the command has found so far */
  advance(bytes: number, found: string): void;
  end(): void;
}

/**
 * Shows on standard error how much was read, how fast, and what was found. Shows nothing if standard error is not a
 * terminal, or the command also writes its output there.
 *
 * @param total the number of bytes to read; undefined if unknown
 * @param writes whether the command writes output while it reads
 */
export function showProgress(total: number | undefined, writes: boolean): ProgressLine {
  const { stderr, stdout } = process;
  if (!stderr.isTTY || (writes && stdout.isTTY)) return { advance: () => {}, end: () => {} };
  const started = performance.now();
  let [read, shownAt] = [0, started];
  return {
    advance(bytes, found) {
      read += bytes;
      const now = performance.now();
      if (now - shownAt < INTERVAL_MS) return;
      shownAt = now;
      const share = total ? ` of ${megabytes(total)} (${Math.min(100, Math.floor((read / total) * 100))} %)` : '';
      const line = `${megabytes(read)}${share}, ${megabytes((read * 1000) / (now - started))} a second, ${found}`;
      stderr.write(`\r\u001b[K${line.slice(0, (stderr.columns || 80) - 1)}`);
    },
    end: () => {
      stderr.write('\r\u001b[K');
    },
  };
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 })} MB`;
}
