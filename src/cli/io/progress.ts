/** How often a terminal is told. Milliseconds. */
const INTERVAL_MS = 200;

export interface ProgressLine {
  /** So many more bytes were read. @param found what to tell beside it */
  advance(bytes: number, found: string): void;
  /** Takes the line away again. */
  end(): void;
}

/**
 * One line on standard error that says how much was read, how fast, and what was found; only on a terminal on which
 * nothing else is written meanwhile.
 *
 * @param total bytes; undefined where nobody knows @param writes whether the command writes output while it reads
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

/** Bytes as people read them. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 })} MB`;
}
