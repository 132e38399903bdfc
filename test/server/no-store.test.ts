import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder } from '../support/folders.ts';

/** What the process holds at one moment. */
interface Measurement {
  /** Bytes that are reachable. */
  readonly heap: number;
  /** Bytes that it caused to be written to storage, and files that it holds open. Absent where the system does not tell. */
  readonly disk?: { readonly written: number; readonly files: readonly string[] };
}

interface Report {
  /** After 1,000 tasks. */
  readonly early: Measurement;
  /** After 20,000. */
  readonly late: Measurement;
  /** After 3,000 more, whose handles were kept in a Map. */
  readonly stored: Measurement;
  readonly kept: number;
}

const BETWEEN = 19_000;

/** For all of the 23,000 calls, on a busy machine. Milliseconds. */
const LIMIT = 180_000;

/**
 * Bytes a task, at most. The shortest handle takes over 600; whatever remembers tasks must keep that, or at the least an id
 * in a Map, some 100. One call in nine is a whole request: a handle that only the protocol layer kept would count as 80.
 * The rest is for noise.
 */
const BOUND = 60;

describe('No store: 20,000 tasks are started, and nobody ever comes back', () => {
  const folder = emptyFolder();
  let report: Report;

  beforeAll(async () => {
    report = await runToReport(folder);
  }, LIMIT);

  test('the heap is within noise of what it was after the first 1,000', () => {
    expect((report.late.heap - report.early.heap) / BETWEEN).toBeLessThan(BOUND);
  });

  test('the same measurement finds a server out that keeps its handles', () => {
    expect(report.kept).toBe(3_000);
    expect((report.stored.heap - report.late.heap) / report.kept).toBeGreaterThan(3 * BOUND);
  });

  test('nothing was written where it ran, though it was not even allowed to write', () => {
    expect(readdirSync(folder)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('nothing was written to storage, and no file is held open', () => {
    expect(report.late.disk?.written).toBe(report.early.disk?.written);
    expect(report.late.disk?.files).toEqual([]);
  });
});

/**
 * Runs the process to its report. Its permissions make every attempt to write a file, anywhere, an error. Code once compiled
 * is kept, and none is optimized: both count as heap, and would come and go between the measurements.
 */
async function runToReport(cwd: string): Promise<Report> {
  const script = fileURLToPath(new URL('../support/unfinished-tasks.mjs', import.meta.url));
  const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const child = fork(script, {
    cwd,
    execArgv: ['--expose-gc', '--no-flush-bytecode', '--no-opt', '--no-maglev', permission, '--allow-fs-read=*'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  try {
    return await new Promise<Report>((resolve, reject) => {
      let printed = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
      child.once('message', (message) => resolve(message as Report));
      child.once('close', (code) => reject(new Error(`the process ended with ${code} and no report: ${printed}`)));
    });
  } finally {
    child.kill('SIGKILL');
  }
}
