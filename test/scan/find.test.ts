import { beforeAll, describe, expect, it } from 'vitest';
import { findHandles, isHandle } from '../../src/scan/find.ts';
import { fieldsOf, newWorld } from '../kit/support.ts';

let handle: string;
beforeAll(async () => {
  handle = fieldsOf(await (await newWorld()).call('start_research_task', { topic: 'lost luggage' })).handle;
});

const found = (text: string) => [...findHandles(text)].map((one) => one.handle);

describe('whole handles', () => {
  it.each([
    ['without other text', (h: string) => h],
    ['in JSON', (h: string) => JSON.stringify({ handle: h })],
    ['in JSON in JSON', (h: string) => JSON.stringify({ text: JSON.stringify({ text: `line\n${h}\nline` }) })],
    ['at the end of a sentence', (h: string) => `Pass ${h}. Then wait.`],
    ['after an escaped line break', (h: string) => `handle:\\n${h}\\n`],
    ['in a query', (h: string) => `GET /x?handle=${h}&y=1`],
    ['in the name of a file', (h: string) => `task://${h}.json`],
  ])('are found %s', (_name, text) => {
    expect(found(text(handle))).toEqual([handle]);
  });

  it('pass isHandle only without other text', () => {
    expect([handle, `${handle}.`, `${handle}.json`, ` ${handle}`].map(isHandle)).toEqual([true, false, false, false]);
  });

  it('are found with their places, even if they are copies', () => {
    const text = `${handle} ${handle}`;
    expect([...findHandles(text)].map(({ index }) => index)).toEqual([0, handle.length + 1]);
  });
});

describe('findHandles, given other text,', () => {
  it.each([
    ['a handle that was cut', (h: string) => h.slice(0, -1)],
    ['a handle with one more character', (h: string) => `${h}A`],
    ['the beginning of a handle', (h: string) => h.slice(0, 100)],
    ['a handle that is not canonical', (h: string) => `${h.slice(0, -1)}${h.endsWith('B') ? 'C' : 'B'}`],
    ['another JWE', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'],
  ])('does not find %s', (_name, text) => {
    expect(found(text(handle))).toEqual([]);
    expect(isHandle(text(handle))).toBe(false);
  });

  it('finds the whole handle after a cut handle', () => {
    expect(found(`${handle.slice(0, 300)} ${handle}`)).toEqual([handle]);
  });
});
