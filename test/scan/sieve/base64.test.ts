import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createByteRedactor } from '../../../src/cli/io/byte-redactor.ts';
import { newHandle, redacted } from '../support.ts';

const handle = newHandle(300);
const rest = handle.slice(handle.indexOf('..') + 2);
const filler = 'a line of text\n'.repeat(3_000);

/** Returns bytes that look random and are the same in every run. */
const bytes = (name: string, count: number) =>
  Buffer.concat(Array.from({ length: Math.ceil(count / 32) }, (_, at) => createHash('sha256').update(`${name} ${at}`).digest()));
const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64');

async function counted(text: string, chunk: number) {
  const redactor = createByteRedactor();
  const log = Buffer.from(text);
  for (let at = 0; at < log.length; at += chunk) await redactor.push(log.subarray(at, at + chunk));
  await redactor.end();
  return redactor.count;
}

describe('the redactor that skips base64 of binary data', () => {
  it('reports the rest of a handle in a long text in base64, wherever a chunk ends', async () => {
    const prose = 'wo ist mein Gepäck?>~ für Jürgen ÿ?'.repeat(200);
    const text = `${filler}{"body":"${base64(JSON.stringify({ prose, rest, more: prose }))}"}\n${filler}`;
    for (const chunk of [text.length, 65_536, 50_000, 7_000]) expect((await counted(text, chunk)).lines, `${chunk}`).toEqual([3_001]);
  });

  it.each([20_000, 150_000])('removes a handle from the end of %d bytes of binary data, wherever a chunk ends', async (length) => {
    const body = (at: number) => base64(Buffer.concat([bytes(`body ${at}`, length), Buffer.from(at === 1 ? handle : '')]));
    const text = [0, 1, 2].map((at) => `${filler}{"body":"${body(at)}"}\n`).join('');
    for (const chunk of [text.length, 65_536, 50_001, 16_384]) {
      const { cut, lines } = await counted(text, chunk);
      expect(cut, `${chunk}`).toBe(1);
      expect(lines.every((line) => line === 6_002)).toBe(true);
    }
  });

  it('reports few lines of binary data in base64, even if JSON follows in the same data', async () => {
    const body = (at: number) => {
      const records = Array.from({ length: 300 }, (_, id) => JSON.stringify({ id: base64(bytes(`${at} ${id}`, 24)).slice(0, 20), a: 1 }));
      return base64(Buffer.concat([bytes(`${at}`, 18).subarray(0, 18), Buffer.from(records.join('\n'))]));
    };
    const lines = Array.from({ length: 24 }, (_, at) => `{"body":"${body(at)}","id":"${at % 3 === 1 ? 'eyJ","x":"' : '17'}"}\n`);
    const text = `${filler}${lines.join('')}${filler}`;
    // In the base64 of one body, a slash stands shortly before the JSON. This looks like a path before base64 of JSON, so
    // the redactor reads this body and a few lines after it.
    expect((await redacted(text)).suspects).toBeLessThan(8);
    for (const chunk of [text.length, 65_536]) expect((await counted(text, chunk)).suspects, `${chunk}`).toBeLessThan(8);
  });

  it('reports the pieces of a handle in a stream whose records also contain long base64', async () => {
    const pieces = handle.match(/.{1,7}/g) ?? [];
    const records = pieces.map((delta, at) => `${JSON.stringify({ delta, image: base64(bytes(`image ${at}`, 7_500)) })}\n`);
    const text = `${filler}${records.join('')}${filler}`;
    const { suspects } = await redacted(text);
    expect(suspects).toBeGreaterThan(pieces.length - 5);
    for (const chunk of [text.length, 65_536]) expect((await counted(text, chunk)).suspects, `${chunk}`).toBe(suspects);
  });

  it('loses nothing if no chunk comes for a while within base64', async () => {
    for (const [content, isFound] of [
      [bytes('body', 30_000), false],
      [Buffer.concat([bytes('body', 30_000), Buffer.from(rest)]), true],
    ] as const) {
      const text = `${filler}{"body":"${base64(content)}"}\n${filler}`;
      const log = Buffer.from(text);
      for (const cut of [filler.length + 20, filler.length + 20_000, filler.length + 40_020]) {
        const redactor = createByteRedactor();
        const out = [...(await redactor.push(log.subarray(0, cut))), ...(await redactor.flush())];
        expect(Buffer.concat(out).length, `${cut}`).toBeGreaterThanOrEqual(filler.length);
        out.push(...(await redactor.push(log.subarray(cut))), ...(await redactor.end()));
        expect(Buffer.concat(out).toString(), `${cut}`).toBe(text);
        expect(redactor.count.lines, `${cut}`).toEqual(isFound ? [3_001] : []);
      }
    }
  });
});
