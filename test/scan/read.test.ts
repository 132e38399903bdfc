import { describe, expect, it } from 'vitest';
import { brokenHandles, findBroken } from '../../src/scan/index.ts';
import { newHandle } from './support.ts';

const [handle, other] = [newHandle(200), newHandle(200)];

const folded = (text: string, width: number, separator: string) => text.match(new RegExp(`.{1,${width}}`, 'g'))?.join(separator) ?? '';

describe('the handles of a text', () => {
  it('are each returned once, whether they are whole or in pieces', () => {
    const mail = `> ${folded(handle, 70, '\n> ')}\n\nand ${other}, and again ${handle}`;
    expect(findBroken(mail)).toEqual([handle, other]);
  });

  it('do not include a handle whose end is missing', () => {
    const lines = folded(handle, 60, '\n').split('\n');
    expect(findBroken(lines.slice(0, -1).join('\n'))).toEqual([]);
    expect(findBroken('a text without a handle')).toEqual([]);
  });
});

describe('the handles that are in pieces in a text', () => {
  it('are returned with their places, and handles that are not in pieces are left out', () => {
    const [one, two] = [folded(handle, 76, '\n'), folded(other, 50, '\\n')];
    const text = `whole ${handle} first "${one}" second "${two}" end`;
    const found = [...brokenHandles(text, true)];
    expect(found.map((broken) => broken.handle)).toEqual([handle, other]);
    expect(found.map(({ index, end }) => text.slice(index, end))).toEqual([one, two]);
  });

  it('are held back until the rest of the text has come, because they can continue in the rest', () => {
    const lines = `${folded(handle, 76, '\n').split('\n').slice(0, 3).join('\n')}\n`;
    expect([...brokenHandles(lines, false)]).toMatchObject([{ index: 0, handle: undefined }]);
    expect([...brokenHandles(lines, true)]).toEqual([]);
    const [whole] = brokenHandles(`${folded(handle, 76, '\n')}\nnext line: all good\n`, false);
    expect(whole?.handle).toBe(handle);
  });
});
