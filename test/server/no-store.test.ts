import { fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { emptyFolder } from '../support/folders.ts';

/** What a process holds at one time. */
interface Measurement {
  /** The reachable memory in bytes. */
  readonly heap: number;
  /** The bytes written to storage, and the open files. Only Linux reports these. */
  readonly disk?: { readonly written: number; readonly files: readonly string[] };
}

interface Report {
  /** After 300 tasks. */
  readonly early: Measurement;
  /** After 2,300 tasks. */
  readonly late: Measurement;
  /** After 300 more tasks, whose handles were kept in a Map. */
  readonly stored: Measurement;
  readonly kept: number;
}

const BETWEEN = 2_000;

/** The longest time for 2,600 calls on a busy machine, in milliseconds. */
const LIMIT = 180_000;

/**
 * How much the heap may grow for each task, in bytes. A server that remembers tasks keeps more: a handle has over 600
 * bytes, and an id in a Map about 100. Only one call in nine goes through the protocol layer, so a protocol layer that
 * remembers handles would add about 70 bytes a task. A server that remembers nothing adds 7 to 21 bytes a task, because
 * some code runs for the first time; 2,000 more tasks then add at most 2 bytes each.
 */
const BOUND = 40;

describe('when a server starts 2,300 tasks that nobody continues,', () => {
  const folder = emptyFolder();
  let report: Report;

  beforeAll(async () => {
    report = await runToReport(folder);
  }, LIMIT);

  test('the heap grows only by noise after the first 300 tasks', () => {
    expect((report.late.heap - report.early.heap) / BETWEEN).toBeLessThan(BOUND);
  });

  test('the measurement would detect a server that keeps handles', () => {
    expect(report.kept).toBe(300);
    expect((report.stored.heap - report.late.heap) / report.kept).toBeGreaterThan(3 * BOUND);
  });

  test('the working folder stays empty, and the process has no right to write there', () => {
    expect(readdirSync(folder)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('the process has written nothing to storage, and has no file open', () => {
    expect(report.late.disk?.written).toBe(report.early.disk?.written);
    expect(report.late.disk?.files).toEqual([]);
  });
});

/**
 * Runs the process until it reports. The process may not write files. Flags keep the engine from discarding or
 * optimizing compiled code, which is part of the measured heap.
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
