import { beforeAll, describe, expect, it } from 'vitest';
import { ALL_READ, auditOf, kindsOf, newStartedTask, type StartedTask } from '../../support.ts';

let task: StartedTask;
/** A log with a replay. Its last line is the replay. */
let lines: readonly string[];
beforeAll(async () => {
  task = await newStartedTask();
  const { logged, first, withMore } = task;
  lines = (await withMore(() => logged.present(first.handle))).split(/(?<=\n)/);
});

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

/** Audits bytes. They are decoded in the way that the command line and the page decode a log that begins as UTF-16. */
async function audited(bytes: Buffer, chunk: number) {
  const decoder = new TextDecoder('utf-16le');
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += chunk) chunks.push(decoder.decode(bytes.subarray(at, at + chunk), { stream: true }));
  return auditOf(chunks, { ring: task.logged.world.ring });
}

describe('a log in UTF-16', () => {
  const split = () => [lines.slice(0, -1).join(''), lines.at(-1) ?? ''] as const;
  it.each([
    ['with UTF-8 after it', () => split().map((part, at) => (at === 0 ? utf16(part) : Buffer.from(part)))],
    ['with UTF-8 between its lines', () => [utf16(lines[0] ?? ''), Buffer.from(lines[1] ?? ''), utf16(lines.slice(2).join(''))]],
    ['with an odd number of bytes of UTF-8 between its lines', () => [utf16(split()[0]), Buffer.from('\n'), utf16(split()[1])]],
    [
      'with Chinese text',
      () => [utf16(`${'请求已完成，没有错误。'.repeat(20)}\n`), ...split().map((part) => Buffer.from(part, 'utf16le'))],
    ],
  ])('is understood %s', async (_name, write) => {
    const bytes = Buffer.concat(write());
    for (const chunk of [bytes.length, 1_000, 77, 3]) {
      const report = await audited(bytes, chunk);
      expect([kindsOf(report), report.unread], `chunks of ${chunk}`).toEqual([['medium replay'], ALL_READ]);
    }
  });
});
