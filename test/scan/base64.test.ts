import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesOf, contentOf, findBase64, HANDLE_PREFIX, isMedium, latin1Of } from '../../src/scan/index.ts';
import { growsInProportion } from '../support/proportion.ts';

const TEXT = JSON.stringify({ jsonrpc: '2.0', result: { words: 'grüße '.repeat(30) } });
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const textIn = (text: string) => {
  const run = findBase64(text, 0);
  const content = run && contentOf(bytesOf(run.digits));
  return content?.type === 'text' ? content.text : content?.type;
};

describe('findBase64', () => {
  it.each([
    ['in JSON', JSON.stringify({ body: base64(TEXT) })],
    ['base64url', `state=${Buffer.from(TEXT).toString('base64url')}&code=1`],
    [
      'in lines',
      `body:\n${base64(TEXT)
        .match(/.{1,76}/g)
        ?.join('\n')}\n`,
    ],
    [
      'in indented lines with line breaks of Windows',
      `body:\r\n  ${base64(TEXT)
        .match(/.{1,64}/g)
        ?.join('\r\n  ')}\r\n`,
    ],
  ])('finds encoded text: %s', (_name, text) => {
    expect(textIn(text)).toBe(TEXT);
  });

  it('returns the place of the first run, and then of the next', () => {
    const [one, other] = [base64('a'.repeat(60)), base64('b'.repeat(60))];
    const text = `first ${one} then ${other} end`;
    const run = findBase64(text, 0);
    expect(text.slice(run?.index, run?.end)).toBe(one);
    const next = findBase64(text, run?.end ?? 0);
    expect(text.slice(next?.index, next?.end)).toBe(other);
    expect(findBase64(text, next?.end ?? 0)).toBeUndefined();
  });

  it('finds binary data that contains a handle, at whatever byte the handle begins', () => {
    for (const before of [30, 31, 32]) {
      const data = Buffer.concat([Buffer.alloc(before, 0xff), Buffer.from(HANDLE_PREFIX)]);
      const run = findBase64(base64(data), 0);
      expect(latin1Of(bytesOf(run?.digits ?? '')), `${before}`).toContain(HANDLE_PREFIX.slice(0, 30));
    }
    expect(findBase64(base64(Buffer.alloc(120, 0xff)), 0)).toBeUndefined();
  });

  it('takes time in proportion to the lines of an email’s attachment', async () => {
    const line = `${Buffer.from(Uint8Array.from({ length: 57 }, (_, at) => 150 + at)).toString('base64')}\r\n`;
    const search = async (lines: number) => findBase64(line.repeat(lines), 0);
    expect(await search(10)).toBeUndefined();
    expect(await growsInProportion(search, 500)).toBe(true);
  });

  it('finds base64 after binary data with lines of the same length', () => {
    const binary = Buffer.alloc(57, 0xfe).toString('base64');
    const text = `${`${binary}\n`.repeat(3)}${Buffer.from(JSON.stringify({ message: 'x'.repeat(200) }))
      .toString('base64')
      .replace(/.{76}/g, '$&\n')}\n`;
    expect(findBase64(text, 0)).toMatchObject({ index: 3 * 77, end: text.length - 1 });
  });

  it('ignores hexadecimal digests, and base64 that is too short for a handle', () => {
    expect(findBase64('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0)).toBeUndefined();
    expect(findBase64(base64('lost luggage'), 0)).toBeUndefined();
  });
});

describe('the content of bytes', () => {
  it.each<[string, Uint8Array, object]>([
    ['text', Buffer.from('grüße'), { type: 'text', text: 'grüße' }],
    ['text whose last character was cut', Buffer.from('größe').subarray(0, 3), { type: 'text', text: 'gr' }],
    ['UTF-16', Buffer.from('luggage', 'utf16le'), { type: 'text', text: 'luggage' }],
    ['UTF-16 with a byte order mark', Buffer.from('\ufeffgrüße', 'utf16le'), { type: 'text', text: 'grüße' }],
    ['gzip', gzipSync('x'), { type: 'compressed', format: 'gzip' }],
    ['zlib', Buffer.from('789c4b', 'hex'), { type: 'compressed', format: 'deflate' }],
    ['Zstandard, which Waxseal does not unpack', Buffer.from('28b52ffd00', 'hex'), { type: 'archive' }],
    ['bzip2', Buffer.from('BZh9'), { type: 'archive' }],
    ['a control character', Buffer.from([0x61, 0x01, 0x62]), { type: 'binary' }],
    ['a wrong sequence of UTF-8', Buffer.from([0x61, 0xc3, 0x28]), { type: 'binary' }],
  ])('is told by contentOf: %s', (_name, bytes, expected) => {
    expect(contentOf(bytes)).toMatchObject(expected);
  });

  it('is an image or a font if isMedium returns true', () => {
    const beginnings = ['89504e470d0a1a0a', 'ffd8ffe0', '47494638', '774f4632', '1f8b0800', '7b226122'];
    expect(beginnings.map((hex) => isMedium(Buffer.from(hex, 'hex')))).toEqual([true, true, true, true, false, false]);
  });

  it('is decoded by latin1Of to one character for each byte', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256);
    expect(latin1Of(bytes)).toBe(Buffer.from(bytes).toString('latin1'));
  });
});
