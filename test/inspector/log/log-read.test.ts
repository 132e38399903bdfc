import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { readLogs } from '../../../src/inspector/log/log-read.ts';
import { parseRing, type Ring } from '../../../src/keys/index.ts';
import { NOW, newLog, newMaterial } from '../../browser/material.ts';

let ring: Ring;
let text: string;
beforeAll(async () => {
  const material = await newMaterial();
  ring = await parseRing(material.inspector);
  ({ text } = await newLog(material));
});

/** Reads logs. @param files the content of each log */
async function read(files: readonly (string | Uint8Array<ArrayBuffer>)[], signal = new AbortController().signal) {
  const shares: number[] = [];
  const logs = files.map((file, at) => ({ name: `${at}.log`, blob: new Blob([file]) }));
  const options = { ring, callerField: undefined, now: NOW, signal, onProgress: (share: number) => shares.push(share) };
  return { ...(await readLogs(logs, options)), shares };
}

describe('the page', () => {
  it('reads a log as plain text, in gzip, and in UTF-16 of both byte orders', async () => {
    const { report } = await read([text]);
    expect(report.read).toMatchObject({ sources: 1, handles: report.read.opened });
    const little = Buffer.from(text, 'utf16le');
    const big = Buffer.from(little).swap16();
    const mark = Buffer.from('\ufeff', 'utf16le');
    const files = [gzipSync(text), little, big, Buffer.concat([mark, little]), Buffer.concat([Buffer.from(mark).swap16(), big])];
    for (const [at, file] of files.entries()) {
      const other = await read([new Uint8Array(file)]);
      expect([other.report, other.stoppedIn], `${at}`).toEqual([report, undefined]);
    }
  });

  it('reads one log after another, and tells how much of all logs it has read', async () => {
    const half = text.indexOf('\n', text.length / 2) + 1;
    const { report, shares, stoppedIn } = await read([text.slice(0, half), text.slice(half)]);
    expect([report.read.sources, stoppedIn, shares.at(-1)]).toEqual([2, undefined, 1]);
    expect(shares).toEqual([...shares].sort((one, other) => one - other));
    expect(shares[0]).toBeLessThan(1);
  });

  it('reads a log until the user stops it, and says where it stopped', async () => {
    const { report, stoppedIn } = await read([text, text], AbortSignal.abort());
    expect([report.read.handles, stoppedIn]).toEqual([0, '0.log']);
  });

  it('reads logs up to a limit for all together, counts the unpacked bytes of gzipped logs, and says in which log it stopped', async () => {
    const packed = (mebibytes: number) =>
      new Uint8Array(gzipSync(Buffer.alloc(mebibytes * 1_048_576, `${'all good '.repeat(500)}\n`), { level: 1 }));
    for (const sizes of [[80], [40, 30, 10], [64, 1]]) {
      const { report, stoppedIn } = await read(sizes.map(packed));
      expect([report.read.characters, stoppedIn]).toEqual([64 * 1_048_576, `${sizes.length === 1 ? 0 : 1}.log`]);
    }
    expect(await read([packed(64)])).toMatchObject({ stoppedIn: undefined, report: { read: { characters: 64 * 1_048_576 } } });
  });
});
