import { describe, expect, it } from 'vitest';
import { brokenHandles, findBroken } from '../../src/scan/index.ts';
import { newHandle } from './support.ts';

const [handle, other] = [newHandle(200), newHandle(200)];

const folded = (text: string, width: number, separator: string) => text.match(new RegExp(`.{1,${width}}`, 'g'))?.join(separator) ?? '';

describe('findBroken', () => {
  it('returns each handle once, even if the text contains it both whole and in pieces', () => {
    const mail = `> ${folded(handle, 70, '\n> ')}\n\nand ${other}, and again ${handle}`;
    expect(findBroken(mail)).toEqual([handle, other]);
  });

  it('does not return a handle without its end', () => {
    const lines = folded(handle, 60, '\n').split('\n');
    expect(findBroken(lines.slice(0, -1).join('\n'))).toEqual([]);
    expect(findBroken('a text without a handle')).toEqual([]);
  });
});

describe('brokenHandles', () => {
  it('returns handles in pieces with their places, and no other handles', () => {
    const [one, two] = [folded(handle, 76, '\n'), folded(other, 50, '\\n')];
    const text = `whole ${handle} first "${one}" second "${two}" end`;
    const found = [...brokenHandles(text, true)];
    expect(found.map((broken) => broken.handle)).toEqual([handle, other]);
    expect(found.map(({ index, end }) => text.slice(index, end))).toEqual([one, two]);
  });

  it('returns no handle that may continue in later text', () => {
    const lines = `${folded(handle, 76, '\n').split('\n').slice(0, 3).join('\n')}\n`;
    expect([...brokenHandles(lines, false)]).toMatchObject([{ index: 0, handle: undefined }]);
    expect([...brokenHandles(lines, true)]).toEqual([]);
    const [whole] = brokenHandles(`${folded(handle, 76, '\n')}\nnext line: all good\n`, false);
    expect(whole?.handle).toBe(handle);
  });
});
