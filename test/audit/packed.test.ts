import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unpack } from '../../src/audit/packed.ts';
import { ALL_READ, auditOf, newLoggedWorld } from './support.ts';

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const unreadIn = async (record: object) => (await auditOf(`${JSON.stringify(record)}\n`)).unread;

describe('the report', () => {
  it('counts compressed data that is cut, nested, far too long, or in a format that the audit cannot unpack', async () => {
    const { call } = await newLoggedWorld();
    const { handle } = await call('start_research_task', { topic: 'x' });
    const packed = gzipSync(JSON.stringify({ message: `${handle} ${randomBytes(3_000).toString('hex')}` }));
    expect(await unreadIn({ data: base64(packed) })).toEqual({ ...ALL_READ, untold: 1, unopened: 1 });
    expect((await unreadIn({ data: base64(packed.subarray(0, 1_500)) })).packed).toBe(1);
    expect(await unreadIn({ data: base64(gzipSync(new Uint8Array(50_000_000))) })).toEqual({ ...ALL_READ, packed: 1 });
    expect(await unreadIn({ data: base64(gzipSync(JSON.stringify({ data: base64(packed) }))) })).toEqual({ ...ALL_READ, packed: 1 });
    const zstd = Buffer.concat([Buffer.from('28b52ffd', 'hex'), randomBytes(200)]);
    expect(await unreadIn({ data: base64(zstd) })).toEqual({ ...ALL_READ, packed: 1 });
  });
});

describe('compressed data', () => {
  const text = randomBytes(50_000).toString('hex');

  it('is unpacked whole', async () => {
    expect(await unpack({ format: 'gzip', bytes: gzipSync(text) })).toEqual({ text, isWhole: true });
    expect(await unpack({ format: 'deflate', bytes: deflateSync(text) })).toEqual({ text, isWhole: true });
  });

  it('is unpacked as far as possible if it was cut or broken, and does not count as whole', async () => {
    const packed = gzipSync(text);
    const cut = await unpack({ format: 'gzip', bytes: packed.subarray(0, packed.length / 2) });
    expect([cut.isWhole, text.startsWith(cut.text)]).toEqual([false, true]);
    expect(await unpack({ format: 'gzip', bytes: randomBytes(100) })).toEqual({ text: '', isWhole: false });
  });

  it('is unpacked only in part if its content is far longer than the data', async () => {
    const bytes = gzipSync(new Uint8Array(20_000_000));
    const { text, isWhole } = await unpack({ format: 'gzip', bytes });
    expect([isWhole, text.length < 20_000_000]).toEqual([false, true]);
  });
});
