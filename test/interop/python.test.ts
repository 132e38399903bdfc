/**
 * The second implementation, in `python/`, was written from docs/handle-format.md alone. What it makes opens here, and the other way round:
 * so the document says enough. It needs Debian's interpreter with python3-cryptography (and python3-jwcrypto); without them all is skipped.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { research } from '../support/findings.ts';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { callTool } from '../support/mcp.ts';
import { type RunningServer, runProgram, startServer } from '../support/program.ts';

const PYTHON = '/usr/bin/python3';
const folder = fileURLToPath(new URL('./python', import.meta.url));
const vectorFiles = ['good', 'bad'].map((name) => fileURLToPath(new URL(`../vectors/${name}.json`, import.meta.url)));

const has = (module: string) => spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
const hasCryptography = has('cryptography');
const hasJwcrypto = has('jwcrypto');

interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Python in the folder of the second implementation, which its scripts import from. */
function python(args: readonly string[], stdin = ''): Promise<Finished> {
  return new Promise((resolve, reject) => {
    // -B: no __pycache__ among the sources.
    const child = spawn(PYTHON, ['-B', ...args], { cwd: folder });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    // A script that ends before it has read all leaves a broken pipe; its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
  });
}

interface Claims {
  readonly jti: string;
  readonly kind: string;
  readonly rev: number;
  readonly iat: number;
  readonly exp: number;
  readonly prv?: string;
  readonly st: unknown;
}

type Opened = { readonly claims: Claims } | { readonly code: string; readonly reason: string | null };

async function openInPython(ring: string, handle: string, ...options: string[]): Promise<Opened> {
  const { code, stdout, stderr } = await python(['open.py', '--ring', ring, ...options], handle);
  expect(stderr).toBe('');
  const answer = JSON.parse(stdout) as Opened;
  expect(code).toBe('claims' in answer ? 0 : 1);
  return answer;
}

async function sealInPython(ring: string, claims: Claims, ...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await python(['seal.py', '--ring', ring, ...options], JSON.stringify(claims));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd();
}

const outerHeader = (handle: string) => JSON.parse(Buffer.from(handle.split('.')[0] ?? '', 'base64url').toString()) as object;
const fingerprint = (handle: string) => createHash('sha256').update(handle).digest().subarray(0, 9).toString('base64url');

function researchClaims(results: readonly string[]): Claims {
  const now = Math.floor(Date.now() / 1000);
  const st = { topic: 'sealed in Python: naïve, “quoted”, 😀 \u2028 \ud800', depth: 3, status: 'running', results };
  return { jti: randomBytes(12).toString('base64url'), kind: 'research@1', rev: 1, iat: now, exp: now + 3_600, st };
}

describe.skipIf(!hasCryptography)(`a second implementation, from the specification alone (${PYTHON} needs python3-cryptography)`, () => {
  let ring = '';
  let inspector = '';
  let server: RunningServer;
  const call = (tool: string, args: Record<string, unknown>) => callTool(server.url, tool, args);

  beforeAll(async () => {
    ring = (await ringFile()).path;
    inspector = join(emptyFolder(), 'inspector.jwks');
    const [started, exported] = await Promise.all([
      startServer(['--keys', ring]),
      runProgram(['keys', 'export', '--inspector', '--keys', ring, '--out', inspector]),
    ]);
    server = started;
    expect(exported.code).toBe(0);
  });

  describe('vectors', () => {
    it('passes every one', async () => {
      const count = vectorFiles
        .map((file) => (JSON.parse(readFileSync(file, 'utf8')) as { vectors: unknown[] }).vectors.length)
        .reduce((sum, length) => sum + length);
      expect(await python(['run_vectors.py', ...vectorFiles])).toEqual({ code: 0, stdout: `${count} passed, 0 failed\n`, stderr: '' });
    });

    it('tells of those that fail', async () => {
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

  describe('handles from here', () => {
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

    it('come compressed and not', () => {
      const compressed = handles.map((handle) => 'zip' in outerHeader(handle));
      expect(compressed).toContain(true);
      expect(compressed).toContain(false);
    });

    it.each([
      ['the full ring', () => ring],
      ['an inspector ring', () => inspector],
    ])('open there with %s', async (_, path) => {
      const opened = await Promise.all(handles.map((handle) => openInPython(path(), handle)));
      for (const [index, answer] of opened.entries()) {
        const { topic, depth, status, results, handle_info } = (await call('get_task_status', { handle: handles[index] }))
          .structuredContent;
        expect(answer).toMatchObject({
          claims: { jti: handle_info.id, kind: handle_info.kind, rev: handle_info.revision, st: { topic, depth, status, results } },
        });
      }
    });

    it('name the handle that they replace, as the specification has it', async () => {
      const [first = '', second = ''] = handles;
      expect(await openInPython(inspector, first)).not.toHaveProperty('claims.prv');
      expect(await openInPython(inspector, second)).toHaveProperty('claims.prv', fingerprint(first));
    });

    it('are refused there once they are not good any more', async () => {
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

  describe('handles from there', () => {
    it.each([
      ['as it is', ['one finding'], [], false],
      ['as it is, though it might be compressed, as it is short', ['one finding'], ['--compress'], false],
      ['as it is, and long', research.findings.concat('x'.repeat(4_000)), [], false],
      ['compressed', research.findings.concat('x'.repeat(4_000)), ['--compress'], true],
    ])('open here: sealed %s', async (_, results, options, compressed) => {
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

    it('are replaced here, and open there again', async () => {
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

  it('refuses a ring that is not as section 7 has it', async () => {
    const { keys } = JSON.parse(readFileSync(ring, 'utf8')) as { keys: [Record<string, unknown>, Record<string, unknown>] };
    const [secret, pair] = keys;
    const bad: Record<string, unknown> = {
      'no keys': { keys: [] },
      'half an entry': { keys: [secret] },
      'an entry twice': { keys: [...keys, ...keys] },
      'halves that differ in time': { keys: [secret, { ...pair, iat: 0 }] },
      'a half that is revoked': { keys: [secret, { ...pair, revoked: { revoked_at: 1 } }] },
      'true as time': { keys: keys.map((half) => ({ ...half, iat: true })) },
      'nbf at exp': { keys: keys.map((half) => ({ ...half, nbf: half['exp'] })) },
      'a secret in another spelling': { keys: [{ ...secret, k: `${secret['k']}=` }, pair] },
      'another algorithm': { keys: [secret, { ...pair, alg: 'EdDSA' }] },
      'd of another x': { keys: [secret, { ...pair, x: secret['k'] }] },
    };
    const path = join(emptyFolder(), 'bad.jwks');
    for (const [what, document] of Object.entries(bad)) {
      writeFileSync(path, JSON.stringify(document));
      expect(await openInPython(path, 'a handle'), what).toHaveProperty('code', 'ring');
    }
  });

  describe.skipIf(!hasJwcrypto)(`with a JOSE tool of one’s own (${PYTHON} needs python3-jwcrypto)`, () => {
    const openWithTool = (path: string, handle: string) => python(['with_jwcrypto.py', path], handle);

    it.each([
      ['not compressed', 0],
      ['compressed', 20],
    ])('opens and verifies, given an inspector ring: %s', async (_, count) => {
      const topic = 'a reviewer’s own tool';
      const started = (await call('start_research_task', { topic })).structuredContent.handle;
      const findings = Array.from({ length: count }, (_, n) => `${n}: ${topic}`);
      const { handle, handle_info } = (await call('complete_research_task', { handle: started, findings })).structuredContent;
      expect('zip' in outerHeader(handle)).toBe(count > 0);
      const { code, stdout, stderr } = await openWithTool(inspector, handle);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({
        jti: handle_info.id,
        rev: 2,
        prv: fingerprint(started),
        st: { topic, status: 'complete', results: findings },
      });
    });

    it('tells who only has the secret from who may sign', async () => {
      // An entry like that of the ring, but for its pair: what an inspector can make.
      const [ours, theirs] = [ring, (await ringFile()).path].map(
        (path) => JSON.parse(readFileSync(path, 'utf8')) as { keys: [object, object] },
      );
      const pair = { ...theirs?.keys[1], kid: (ours?.keys[0] as { kid: string } | undefined)?.kid };
      const forger = join(emptyFolder(), 'forger.jwks');
      writeFileSync(forger, JSON.stringify({ keys: [ours?.keys[0], { ...ours?.keys[1], ...pair, ...times(ours?.keys[0]) }] }));
      const forged = await sealInPython(forger, researchClaims([]));
      const { code, stdout, stderr } = await openWithTool(inspector, forged);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('InvalidSignature');
      expect(await openInPython(inspector, forged)).toEqual({ code: 'rejected', reason: 'signature' });
    });
  });
});

/** The times of one half of an entry, which the other must share. */
function times(half: object | undefined): object {
  const { iat, nbf, exp } = half as Record<string, unknown>;
  return { iat, nbf, exp };
}
