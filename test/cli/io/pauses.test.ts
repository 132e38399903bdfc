import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { withPauses } from '../../../src/cli/io/pauses.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A log whose chunks come when the test says so. */
function newLog() {
  const { readable, writable } = new TransformStream<string, string>(undefined, { highWaterMark: 8 });
  return { log: withPauses(readable), writer: writable.getWriter() };
}

describe('the chunks of a log, with pauses,', () => {
  test('have no pause before a chunk that comes within 10 ms', async () => {
    const { log, writer } = newLog();
    void writer.write('one');
    expect((await log.next()).value).toBe('one');
    const next = log.next();
    await vi.advanceTimersByTimeAsync(9);
    void writer.write('two');
    expect((await next).value).toBe('two');
  });

  test('have one pause before a chunk that comes later', async () => {
    const { log, writer } = newLog();
    const first = log.next();
    await vi.advanceTimersByTimeAsync(10);
    expect(await first).toEqual({ done: false, value: undefined });
    const second = log.next();
    await vi.advanceTimersByTimeAsync(10_000);
    void writer.write('one');
    expect((await second).value).toBe('one');
  });

  test('end with the log, and leave no timer behind', async () => {
    const { log, writer } = newLog();
    void writer.close();
    expect((await log.next()).done).toBe(true);
    await setImmediate();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('end with the error of the log', async () => {
    const { log, writer } = newLog();
    void writer.abort(new Error('the disk is gone'));
    await expect(log.next()).rejects.toThrow('the disk is gone');
  });

  test('end at once if their reader fails in a pause, even if no chunk follows', async () => {
    const { log } = newLog();
    const failed = (async () => {
      for await (const chunk of log) if (chunk === undefined) throw new Error('the memory is full');
    })();
    const expected = expect(failed).rejects.toThrow('the memory is full');
    await vi.advanceTimersByTimeAsync(10);
    await expected;
  });
});
