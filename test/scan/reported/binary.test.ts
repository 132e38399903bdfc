import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { newHandle, redacted } from '../support.ts';

const handle = newHandle(200);

describe('redact, given compressed data,', () => {
  it.each([
    ['gzip', (text: string) => gzipSync(text)],
    ['zlib', (text: string) => deflateSync(text)],
    ['raw deflate', (text: string) => deflateRawSync(text)],
    ['Brotli', (text: string) => brotliCompressSync(text)],
    ['gzip in a tar', (text: string) => Buffer.concat([Buffer.from('log.gz'.padEnd(512, '\0')), gzipSync(text)])],
  ])('reports its lines after readable text: %s', async (_name, compress) => {
    const data = compress(JSON.stringify({ jsonrpc: '2.0', result: { structuredContent: { handle } } })).toString('latin1');
    const text = `first line\n${data}\nlast line\n`;
    for (const chunk of [text.length, 1, 100]) {
      const { out, lines: reported } = await redacted(text, chunk);
      expect(reported.length, String(chunk)).toBeGreaterThan(0);
      expect(reported).not.toContain(1);
      expect(out.startsWith('first line\n')).toBe(true);
      expect(out.endsWith('\nlast line\n')).toBe(true);
    }
  });

  it.each([
    ['ISO 8859-1', 'Die Tür wäre größer, wenn Ärger über Öl übrig wäre: äöüßÄÖÜéèêàçñ\n'.repeat(20)],
    ['KOI8-R', '\u00f0\u00d2\u00c9\u00d7\u00c5\u00d4 \u00cd\u00c9\u00d2\n'.repeat(50)],
    ['Shift_JIS', '\u0083n\u0083\u008d\u0081[\u0083\u008f\u0081[\u0083\u008b\u0083h\n'.repeat(50)],
    ['UTF-16', Buffer.from('first line of a log\nИ Привет, мир\n'.repeat(20), 'utf16le').toString('latin1')],
    ['a terminal with bells', '\u0007\u001b[?25l\u001b[1mзавершено\u001b[0m\b\b\u0007\n'.repeat(50)],
    [
      'Chinese with marks of readline',
      Buffer.from('\u0001\u001b[32m\u0002❯\u0001\u001b[0m\u0002 请求已完成\n'.repeat(50)).toString('latin1'),
    ],
    ['messages of Protocol Buffers', '\n\u0004anna\u0012\u0007luggage\u0018\u0001"\u0010get_task_status*\n'.repeat(50)],
  ])('does not take other text for compressed data: %s', async (_name, text) => {
    for (const chunk of [text.length, 100]) expect(await redacted(text, chunk)).toMatchObject({ out: text, suspects: 0, cut: 0 });
  });
});
