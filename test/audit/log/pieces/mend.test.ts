import { describe, expect, it } from 'vitest';
import { auditOf, newStartedTask } from '../../support.ts';

const folded = (text: string, width: number, separator: string) => text.match(new RegExp(`.{1,${width}}`, 'g'))?.join(separator) ?? '';

describe('a handle that was broken into pieces', () => {
  it.each([
    ['lines', '\n'],
    ['lines of Windows', '\r\n'],
    ['lines of a quotation', '\n> '],
    ['escaped line breaks', '\\n'],
  ])('is joined across %s, and later lines keep their numbers', async (_name, separator) => {
    const { logged, first, second } = await newStartedTask();
    const broken = folded(first.handle, 76, separator);
    const log = `first line\nsee ${broken}\nnext line\nand ${second.handle}\n`;
    const { tasks, unread } = await auditOf(log, { ring: logged.world.ring });
    const lines = log.slice(0, log.indexOf(second.handle)).split('\n').length;
    expect(tasks[0]?.revisions.map((revision) => revision.first.line)).toEqual([2, lines]);
    expect(unread.incomplete).toBe(0);
  });

  it('is joined wherever the chunks of the log are cut', async () => {
    const { logged, first } = await newStartedTask();
    const log = `first line\nsee ${folded(first.handle, 76, '\n')}\nlast line\n`;
    const options = { ring: logged.world.ring };
    const whole = await auditOf(log, options);
    expect(whole.read).toMatchObject({ handles: 1, opened: 1 });
    for (let at = 1; at < log.length; at += 7) expect(await auditOf([log.slice(0, at), log.slice(at)], options)).toEqual(whole);
  });

  it('is counted as an incomplete handle if its end is missing', async () => {
    const { first } = await newStartedTask();
    const { read, unread } = await auditOf(`see ${folded(first.handle.slice(0, -30), 76, '\n')}\nlast line\n`);
    expect([read.handles, unread.incomplete]).toEqual([0, 1]);
  });
});
