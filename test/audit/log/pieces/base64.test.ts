import { createHash } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { isComplete } from '../../../../src/audit/index.ts';
import { ALL_READ, auditOf, kindsOf, NOW, newReplayedTask, type ReplayedTask } from '../../support.ts';

let audited: ReplayedTask['audited'];
let last: string;
let handle: string;
beforeAll(async () => {
  ({ audited, last, handle } = await newReplayedTask());
});

/** Always returns the same bytes, because some random bytes begin like compressed data. */
const bytesLikeRandom = (length: number) => createHash('shake256', { outputLength: length }).update('bytes').digest();
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const unreadIn = async (record: object) => (await auditOf(`${JSON.stringify(record)}\n`)).unread;

describe('compressed data in base64', () => {
  it.each([9, 10, 11, 12, 13, 14, 15])('is read with a zlib window of 2^%i bytes', async (windowBits) => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const body = deflateSync(JSON.stringify(JSON.parse(last).message), { windowBits }).toString(encoding);
      for (const line of [JSON.stringify({ time: JSON.parse(last).time, body }), `body=${body}`]) {
        const report = await audited(`${line}\n`);
        expect([kindsOf(report), isComplete(report)], encoding).toEqual([['medium replay'], true]);
      }
    }
  });

  it('is read if its lines are elements of an array, whatever byte a line ends with', async () => {
    const { time, message } = JSON.parse(last);
    // The test tries notes and line lengths until the last byte that the first line encodes is a closing brace.
    const lines = Array.from({ length: 100 }, (_, note) =>
      gzipSync(JSON.stringify({ ...message, note: bytesLikeRandom(note).toString('hex') })),
    )
      .flatMap((packed) => Array.from({ length: 40 }, (_, at) => ({ packed, digits: 4 * (at + 35) })))
      .find(({ packed, digits }) => packed[(digits / 4) * 3 - 1] === 0x7d);
    const body = lines?.packed.toString('base64').match(new RegExp(`.{1,${lines.digits}}`, 'g'));
    expect(body?.length).toBeGreaterThan(1);
    const report = await audited(`${JSON.stringify({ time, body })}\n`);
    expect([kindsOf(report), isComplete(report)]).toEqual([['medium replay'], true]);
  });

  it.each([
    ['LZ4', '04224d18'],
    ['bzip2 of level 1', '425a6831314159265359'],
    ['bzip2 of level 8', '425a6838314159265359'],
    ['bzip2 of level 9', '425a6839314159265359'],
    ['7-Zip', '377abcaf271c'],
    ['Snappy', 'ff060000734e61507059'],
  ])('is counted as not understood if the audit cannot unpack its format: %s', async (_name, mark) => {
    const body = Buffer.concat([Buffer.from(mark, 'hex'), bytesLikeRandom(200)]).toString('base64');
    expect((await audited(`${JSON.stringify({ body })}\n`)).unread.packed).toBe(1);
  });
});

describe('a text in base64', () => {
  it('is counted as not understood if its record calls it base64, but it decodes to unknown data', async () => {
    const body = base64(bytesLikeRandom(300));
    expect(await unreadIn({ body, isBase64Encoded: true })).toEqual({ ...ALL_READ, packed: 1 });
    expect(await unreadIn({ encoding: 'base64', mimeType: 'application/x-protobuf', text: body })).toEqual({ ...ALL_READ, packed: 1 });
    // Base64 of a signature, a key or a picture does not count as unread, because it cannot contain a handle.
    expect(await unreadIn({ signature: body })).toEqual(ALL_READ);
    expect(await unreadIn({ encoding: 'base64', mimeType: 'image/png', text: body })).toEqual(ALL_READ);
  });

  it('is counted as not understood if other text surrounds each of its lines', async () => {
    const text = JSON.stringify({ jsonrpc: '2.0', method: 'tools/call', params: { name: 'get_task_status', arguments: { handle } } });
    for (const columns of [64, 76]) {
      const lines = base64(Buffer.from(text)).match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
      const log = lines.map((line, at) => `${new Date(NOW * 1000 + at).toISOString()} [worker] ${line} (part ${at})\n`).join('');
      const { read, unread } = await auditOf(log);
      expect([read.handles, unread.packed > 0], `${columns}`).toEqual([0, true]);
    }
  });

  it('is searched for a handle if it decodes to binary data', async () => {
    for (const before of [1, 2, 3, 100]) {
      const message = Buffer.concat([bytesLikeRandom(before), Buffer.from([0xff, 0x00]), Buffer.from(handle), Buffer.from([0x00, 0xff])]);
      expect((await auditOf(JSON.stringify({ data: base64(message) }))).read.handles).toBe(1);
    }
  });
});
