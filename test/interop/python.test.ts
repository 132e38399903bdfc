/**
 * Tests the format with a second implementation, `python/`, which was written from docs/handle-format.md alone. Each
 * implementation opens the handles of the other, so the document suffices for both.
 *
 * The tests need Debian's python3-cryptography. Vitest skips them if it is missing.
 */

import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { research } from '../support/findings.ts';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { callTool } from '../support/mcp.ts';
import { type RunningServer, startServer } from '../support/program.ts';
import {
  fingerprint,
  forgersRing,
  hasCryptography,
  openInPython,
  outerHeader,
  PYTHON,
  python,
  researchClaims,
  ringAndInspector,
  sealInPython,
} from './python-support.ts';

const vectorFiles = ['good', 'bad'].map((name) => fileURLToPath(new URL(`../vectors/${name}.json`, import.meta.url)));

describe.skipIf(!hasCryptography)(`a second implementation of the specification (${PYTHON} needs python3-cryptography)`, () => {
  let ring = '';
  let inspector = '';
  let server: RunningServer;
  const call = (tool: string, args: Record<string, unknown>) => callTool(server.url, tool, args);

  beforeAll(async () => {
    ({ ring, inspector } = await ringAndInspector());
    server = await startServer(['--keys', ring]);
  });

  describe('vectors', () => {
    it('all pass in Python', async () => {
      const count = vectorFiles
        .map((file) => (JSON.parse(readFileSync(file, 'utf8')) as { vectors: unknown[] }).vectors.length)
        .reduce((sum, length) => sum + length);
      expect(await python(['run_vectors.py', ...vectorFiles])).toEqual({ code: 0, stdout: `${count} passed, 0 failed\n`, stderr: '' });
    });

    it('are reported by name if they fail', async () => {
      const [file = ''] = vectorFiles;
      const document = JSON.parse(readFileSync(file, 'utf8')) as { vectors: { name: string; now: number }[] };
      const [first, second] = document.vectors;
      if (first === undefined || second === undefined) throw new Error('there are no vectors');
      const spoilt = join(emptyFolder(), 'spoilt.json');
      writeFileSync(spoilt, JSON.stringify({ ...document, vectors: [{ ...first, now: 0 }, second] }));
      const { code, stdout } = await python(['run_vectors.py', spoilt]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^.+\n1 passed, 1 failed\n$/);
      expect(stdout).toContain(first.name);
    });
  });

  describe('handles of Waxseal', () => {
    const topic = 'interoperability: naïve, “quoted”, 😀, \u2028 and \\ too';
    const handles: string[] = [];

    beforeAll(async () => {
      const { handle } = (await call('start_research_task', { topic, depth: 7 })).structuredContent;
      const recorded = (await call('record_findings', { handle, findings: research.findings })).structuredContent.handle;
      const more = { handle: recorded, findings: Array.from({ length: 20 }, (_, n) => `${n}: ${topic}`) };
      const complete = (await call('complete_research_task', more)).structuredContent.handle;
      const cancelled = (await call('cancel_research_task', { handle, reason: 'no more need' })).structuredContent.handle;
      handles.push(handle, recorded, complete, cancelled);
    });

    it('are compressed for research tasks, because clients see the whole state of these tasks', () => {
      expect(handles.map((handle) => 'zip' in outerHeader(handle))).toEqual(handles.map(() => true));
    });

    it.each([
      ['the full ring', () => ring],
      ['an inspector ring', () => inspector],
    ])('open in Python with %s', async (_, path) => {
      const opened = await Promise.all(handles.map((handle) => openInPython(path(), handle)));
      for (const [index, answer] of opened.entries()) {
        const { topic, depth, status, results, handle_info } = (await call('get_task_status', { handle: handles[index] }))
          .structuredContent;
        expect(answer).toMatchObject({
          claims: { jti: handle_info.id, kind: handle_info.kind, rev: handle_info.revision, st: { topic, depth, status, results } },
        });
      }
    });

    it('contain the fingerprint of the previous handle', async () => {
      const [first = '', second = ''] = handles;
      expect(await openInPython(inspector, first)).not.toHaveProperty('claims.prv');
      expect(await openInPython(inspector, second)).toHaveProperty('claims.prv', fingerprint(first));
    });

    it('are refused by Python if they are cut, changed, expired or of an unknown key', async () => {
      const [handle = ''] = handles;
      const middle = Math.floor(handle.length / 2);
      const altered = `${handle.slice(0, middle)}${handle[middle] === 'A' ? 'B' : 'A'}${handle.slice(middle + 1)}`;
      const tomorrow = String(Math.floor(Date.now() / 1000) + 86_400);
      const stranger = (await ringFile()).path;
      expect(await openInPython(ring, handle.slice(1))).toEqual({ code: 'malformed', reason: null });
      expect(await openInPython(ring, altered)).toEqual({ code: 'rejected', reason: 'decryption' });
      expect(await openInPython(stranger, handle)).toEqual({ code: 'rejected', reason: 'unknown_key' });
      expect(await openInPython(ring, handle, '--now', tomorrow)).toEqual({ code: 'expired', reason: null });
      expect(await openInPython(ring, handle, '--now', tomorrow, '--inspect')).toHaveProperty('claims.rev', 1);
    });
  });

  describe('handles of Python', () => {
    it.each([
      ['without compression', ['one finding'], [], false],
      ['without compression, and long', research.findings.concat('x'.repeat(4_000)), [], false],
      ['with compression', research.findings.concat('x'.repeat(4_000)), ['--compress'], true],
    ])('open in Waxseal if they are sealed %s', async (_, results, options, compressed) => {
      const claims = researchClaims(results);
      const handle = await sealInPython(ring, claims, ...options);
      expect('zip' in outerHeader(handle)).toBe(compressed);
      const { isError, structuredContent } = await call('get_task_status', { handle });
      expect(isError).not.toBe(true);
      expect(structuredContent).toMatchObject({
        handle_info: { id: claims.jti, kind: claims.kind, revision: 1 },
        ...(claims.st as object),
      });
    });

    it.each([[[]], [['one finding']], [['one finding', 'one finding']], [research.findings]])(
      'are compressed only if this makes them shorter: %j',
      async (results) => {
        const claims = researchClaims(results);
        const [plain, offered] = await Promise.all([sealInPython(ring, claims), sealInPython(ring, claims, '--compress')]);
        expect('zip' in outerHeader(offered)).toBe(offered.length < plain.length);
        if (!('zip' in outerHeader(offered))) expect(offered).toBe(plain);
      },
    );

    it('are the same for the same claims', async () => {
      const claims = researchClaims([]);
      expect(await sealInPython(ring, claims)).toBe(await sealInPython(ring, claims));
    });

    it('are re-issued by Waxseal and open in Python again', async () => {
      const claims = researchClaims([]);
      const handle = await sealInPython(ring, claims);
      const next = (await call('record_findings', { handle, findings: ['one'] })).structuredContent.handle;
      expect(await openInPython(inspector, next)).toMatchObject({
        claims: { jti: claims.jti, rev: 2, exp: claims.exp, prv: fingerprint(handle), st: { ...(claims.st as object), results: ['one'] } },
      });
    });

    it('cannot be made with an inspector ring', async () => {
      const { code, stdout } = await python(['seal.py', '--ring', inspector], JSON.stringify(researchClaims([])));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    });
  });
  it('writes numbers as ECMAScript does', async () => {
    const bytes = new DataView(randomBytes(8 * 20_000).buffer);
    const random = Array.from({ length: 20_000 }, (_, index) => bytes.getFloat64(8 * index)).filter(Number.isFinite);
    const powers = Array.from({ length: 632 }, (_, index) => Number(`1e${index - 323}`));
    const edges = [0, -0, 0.1, 0.1 + 0.2, 1e21, 123456789012345680000, 2 ** 53, 5e-324, Number.MAX_VALUE, 1 / 3, 1e-6, 1e-7, 100, -1.5];
    const numbers = [...edges, ...powers, ...random];
    const program =
      'import json, sys; from waxseal_handle import number_to_string; print(*map(number_to_string, json.load(sys.stdin)), sep="\\n")';
    const { stdout } = await python(['-c', program], JSON.stringify(numbers));
    expect(stdout.trimEnd().split('\n')).toEqual(numbers.map(String));
  });
  it('refuses the handle of a forger without the private key, as Waxseal does', async () => {
    const forged = await sealInPython(await forgersRing(ring), researchClaims([]));
    expect(await openInPython(inspector, forged)).toEqual({ code: 'rejected', reason: 'signature' });
    expect(await openInPython(ring, forged)).toEqual({ code: 'rejected', reason: 'iv' });
    expect((await call('get_task_status', { handle: forged })).structuredContent).toMatchObject({ error: { code: 'rejected' } });
  });
});
