/**
 * Tests the format with a second implementation, `python/`, which was written from docs/handle-format.md alone. Each
 * implementation opens the handles of the other, so the document is complete.
 *
 * The tests need Debian's python3-cryptography, and some also python3-jwcrypto. Vitest skips a test whose package is
 * missing. The two programs in the last section of the document also run here.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { issue, type MintingKey } from '../../src/handle/index.ts';
import { mintingKey, parseRing } from '../../src/keys/index.ts';
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

/** Runs a Python script in its own folder, `python/`. `-B` prevents a __pycache__. */
const python = (args: readonly string[], stdin = '') => run(PYTHON, ['-B', ...args], stdin);

function run(program: string, args: readonly string[], stdin: string): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: folder });
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
    // A script that exits early breaks the pipe. Its exit code shows the failure.
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
const fingerprint = (handle: string) => createHash('sha256').update(handle).digest().subarray(0, 12).toString('base64url');

function researchClaims(results: readonly string[]): Claims {
  const now = Math.floor(Date.now() / 1000);
  const st = { topic: 'sealed in Python: naïve, “quoted”, 😀 \u2028 \ud800', depth: 3, status: 'running', results };
  return { jti: randomBytes(12).toString('base64url'), kind: 'research@1', rev: 1, iat: now, exp: now + 3_600, st };
}

describe.skipIf(!hasCryptography)(`a second implementation of the specification (${PYTHON} needs python3-cryptography)`, () => {
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

  describe('rings', () => {
    const path = join(emptyFolder(), 'ring.jwks');
    type Half = Record<string, unknown>;
    let [secret, pair]: [Half, Half] = [{}, {}];
    let keys: Half[] = [];

    beforeAll(() => {
      ({ keys } = JSON.parse(readFileSync(ring, 'utf8')));
      [secret = {}, pair = {}] = keys;
    });

    const otherEntry = (changes: { secret?: Half; pair?: Half } = {}): Half[] => {
      const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
      return [
        { ...secret, kid: 'other', k: randomBytes(32).toString('base64url'), ...changes.secret },
        { ...pair, kid: 'other', d, x, ...changes.pair },
      ];
    };
    const withoutD = ({ d: _private, ...half }: Half) => half;
    const publicOnly = (x: string) => [secret, { ...withoutD(pair), x: Buffer.from(x, 'hex').toString('base64url') }];
    const jti = 'AAECAwQFBgcICQoL';
    const until = 1_800_000_000;

    const good: Record<string, () => object> = {
      'as generated': () => ({ keys }),
      'with two entries': () => ({ keys: [...keys, ...otherEntry()] }),
      'for inspectors': () => ({ keys: keys.map(withoutD) }),
      'for development': () => ({ keys, development: true }),
      'with revocations': () => ({ keys, revocations: { tasks: [{ jti, until }], subjects: [{ sub: `${'A'.repeat(21)}w`, until }] } }),
      'with revocations of tasks only': () => ({ keys, revocations: { tasks: [{ jti, until }] } }),
      'with 10,000 revocations': () => ({ keys, revocations: { tasks: Array(10_000).fill({ jti, until }) } }),
    };
    const bad: Record<string, () => object> = {
      'no keys': () => ({ keys: [] }),
      'half an entry': () => ({ keys: [secret] }),
      'an entry twice': () => ({ keys: [...keys, ...keys] }),
      'halves with different times': () => ({ keys: [secret, { ...pair, iat: 0 }] }),
      'one revoked half': () => ({ keys: [secret, { ...pair, revoked: { revoked_at: 1 } }] }),
      'true as a time': () => ({ keys: keys.map((half) => ({ ...half, iat: true })) }),
      'nbf equal to exp': () => ({ keys: keys.map((half) => ({ ...half, nbf: half['exp'] })) }),
      'a secret that is not canonical base64url': () => ({ keys: [{ ...secret, k: `${secret['k']}=` }, pair] }),
      'another algorithm': () => ({ keys: [secret, { ...pair, alg: 'EdDSA' }] }),
      'd and x of different pairs': () => ({ keys: [secret, { ...pair, x: otherEntry()[1]?.['x'] }] }),
      'd in one of two entries': () => ({ keys: [...keys, ...otherEntry().map(withoutD)] }),
      'one secret under two kids': () => ({ keys: [...keys, ...otherEntry({ secret: { k: secret['k'] } })] }),
      'one pair under two kids': () => ({ keys: [...keys, ...otherEntry({ pair: { d: pair['d'], x: pair['x'] } })] }),
      'a secret that is the private key': () => ({ keys: [{ ...secret, k: pair['d'] }, pair] }),
      'a secret that is the public key': () => ({ keys: [{ ...secret, k: pair['x'] }, pair] }),
      'a private key beside the secret': () => ({ keys: [{ ...secret, d: pair['d'] }, pair] }),
      'a revocation with an unknown member': () => ({ keys, revocations: { tasks: [{ jti, until, note: 'x' }] } }),
      'a misspelt member for revocations': () => ({ keys, revocation: {} }),
      'a misspelt member for the revocation of a key': () => ({ keys: [{ ...secret, Revoked: {} }, pair] }),
      'an unknown member in revocations': () => ({ keys, revocations: { task: [] } }),
      'x that is not canonical': () => ({ keys: publicOnly(`f0${'ff'.repeat(30)}7f`) }),
      'x of order 1': () => ({ keys: publicOnly('01'.padEnd(64, '0')) }),
      'x of order 1 with its sign bit set': () => ({ keys: publicOnly(`01${'00'.repeat(30)}80`) }),
      'x of order 2': () => ({ keys: publicOnly(`ec${'ff'.repeat(30)}7f`) }),
      'x of order 4': () => ({ keys: publicOnly('00'.repeat(32)) }),
      'x of order 8': () => ({ keys: publicOnly('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05') }),
      'revocations that are a list': () => ({ keys, revocations: [{ jti, until }] }),
      'a revoked task without an end': () => ({ keys, revocations: { tasks: [{ jti }] } }),
      'a revoked task of 15 characters': () => ({ keys, revocations: { tasks: [{ jti: jti.slice(1), until }] } }),
      'a revoked caller that is not a hash': () => ({ keys, revocations: { subjects: [{ sub: 'alice', until }] } }),
      '10,001 revocations': () => ({ keys, revocations: { tasks: Array(10_001).fill({ jti, until }) } }),
    };

    it.each(Object.entries(good))('are accepted by both implementations: %s', async (_, document) => {
      writeFileSync(path, JSON.stringify(document()));
      expect(await openInPython(path, 'a handle')).toHaveProperty('code', 'malformed');
      await expect(parseRing(JSON.stringify(document()))).resolves.toBeDefined();
    });

    it.each(Object.entries(bad))('are refused by both implementations: %s', async (_, document) => {
      writeFileSync(path, JSON.stringify(document()));
      expect(await openInPython(path, 'a handle')).toHaveProperty('code', 'ring');
      await expect(parseRing(JSON.stringify(document()))).rejects.toThrow('ing');
    });

    it('make a replica in Python refuse the handles of a revoked task, while an inspector still opens these handles', async () => {
      const claims = researchClaims([]);
      const handle = await sealInPython(ring, claims);
      const revocations = { tasks: [{ jti: claims.jti, until: claims.exp }] };
      writeFileSync(path, JSON.stringify({ keys, revocations }));
      expect(await openInPython(path, handle)).toEqual({ code: 'rejected', reason: 'revoked' });
      writeFileSync(path, JSON.stringify({ keys: keys.map(withoutD), revocations }));
      expect(await openInPython(path, handle)).toHaveProperty('claims.jti', claims.jti);
    });
  });

  describe.each([
    {
      tool: 'python3-jwcrypto',
      available: hasJwcrypto,
      program: [PYTHON, '-B', 'with_jwcrypto.py'],
      language: 'python',
      refusal: 'InvalidSignature',
    },
    {
      tool: 'jose',
      available: true,
      program: [process.execPath, '../with-jose.mjs'],
      language: 'js',
      refusal: 'JWSSignatureVerificationFailed',
    },
  ])('an independent JOSE library: $tool', ({ available, program, language, refusal }) => {
    const [command = '', ...args] = program;
    const openWithTool = (path: string, handle: string) => run(command, [...args, path], handle);

    it('is used by a program, and docs/handle-format.md shows this program in full', () => {
      const file = readFileSync(join(folder, program.at(-1) ?? ''), 'utf8');
      const document = readFileSync(new URL('../../docs/handle-format.md', import.meta.url), 'utf8');
      const shown = new RegExp(`\n\`\`\`${language}\n(.*?)\`\`\``, 's').exec(document)?.[1];
      // The document leaves out the comment at the top of the file.
      expect(shown).toBe(file.slice(file.indexOf('\nimport ') + 1));
    });

    it.runIf(available).each([
      ['a compressed handle with an inspector ring', () => inspector, true],
      ['a handle that is not compressed, with an inspector ring', () => inspector, false],
      ['a handle with the full ring', () => ring, false],
    ])('opens and verifies %s', async (_, path, compress) => {
      const now = Math.floor(Date.now() / 1000);
      const key = mintingKey(await parseRing(readFileSync(ring, 'utf8')), now) as MintingKey;
      const state = { topic: 'a reviewer’s own tool', results: ['again and again', 'again and again'] };
      const { handle, claims } = await issue({ kind: 'research@1', state, now, lifetime: 60 }, key, { compress });
      expect('zip' in outerHeader(handle)).toBe(compress);
      const { code, stdout, stderr } = await openWithTool(path(), handle);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toEqual(claims);
    });

    it.runIf(available)('refuses the handle of a forger without the private key', async () => {
      const forged = await sealInPython(await forgersRing(), researchClaims([]));
      const { code, stdout, stderr } = await openWithTool(inspector, forged);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(refusal);
    });
  });

  it('refuses the handle of a forger without the private key, as Waxseal does', async () => {
    const forged = await sealInPython(await forgersRing(), researchClaims([]));
    expect(await openInPython(inspector, forged)).toEqual({ code: 'rejected', reason: 'signature' });
    expect(await openInPython(ring, forged)).toEqual({ code: 'rejected', reason: 'iv' });
    expect((await call('get_task_status', { handle: forged })).structuredContent).toMatchObject({ error: { code: 'rejected' } });
  });

  /** The ring of a forger: the real secret with another signing pair. An inspector can make it. */
  async function forgersRing(): Promise<string> {
    const [ours, theirs] = [ring, (await ringFile()).path].map(
      (path) => JSON.parse(readFileSync(path, 'utf8')) as { keys: [object, object] },
    );
    const pair = { ...theirs?.keys[1], kid: (ours?.keys[0] as { kid: string } | undefined)?.kid };
    const path = join(emptyFolder(), 'forger.jwks');
    writeFileSync(path, JSON.stringify({ keys: [ours?.keys[0], { ...ours?.keys[1], ...pair, ...times(ours?.keys[0]) }] }));
    return path;
  }
});

/** Returns the times of one half of a ring's entry. The other half must have the same times. */
function times(half: object | undefined): object {
  const { iat, nbf, exp } = half as Record<string, unknown>;
  return { iat, nbf, exp };
}
