/** Runs the Python implementation in `python/`, which was written from docs/handle-format.md alone. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Claims } from '../../src/handle/index.ts';
import { emptyFolder, ringFile } from '../support/folders.ts';
import { type Outcome, outcomeOf } from '../support/outcome.ts';
import { runProgram } from '../support/program.ts';

export const PYTHON = '/usr/bin/python3';
/** The folder of the Python programs. */
export const folder = fileURLToPath(new URL('./python', import.meta.url));

const has = (module: string) => spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
export const hasCryptography = has('cryptography');
export const hasJwcrypto = has('jwcrypto');

/** Runs a Python script in its own folder, `python/`. `-B` prevents a __pycache__. */
export const python = (args: readonly string[], stdin = '') => run(PYTHON, ['-B', ...args], stdin);

/** Runs a program in the folder of the Python programs. */
export function run(program: string, args: readonly string[], stdin: string): Promise<Outcome> {
  return outcomeOf(spawn(program, args, { cwd: folder }), stdin);
}

export type Opened = { readonly claims: Claims } | { readonly code: string; readonly reason: string | null };

export async function openInPython(ring: string, handle: string, ...options: string[]): Promise<Opened> {
  const { code, stdout, stderr } = await python(['open.py', '--ring', ring, ...options], handle);
  expect(stderr).toBe('');
  const answer = JSON.parse(stdout) as Opened;
  expect(code).toBe('claims' in answer ? 0 : 1);
  return answer;
}

export async function sealInPython(ring: string, claims: Claims, ...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await python(['seal.py', '--ring', ring, ...options], JSON.stringify(claims));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd();
}

export const outerHeader = (handle: string) => JSON.parse(Buffer.from(handle.split('.')[0] ?? '', 'base64url').toString()) as object;
export const fingerprint = (handle: string) => createHash('sha256').update(handle).digest().subarray(0, 12).toString('base64url');

export function researchClaims(results: readonly string[]): Claims {
  const now = Math.floor(Date.now() / 1000);
  const st = { topic: 'sealed in Python: naïve, “quoted”, 😀 \u2028 \ud800', depth: 3, status: 'running', results };
  return { jti: randomBytes(12).toString('base64url'), kind: 'research@1', rev: 1, iat: now, exp: now + 3_600, st };
}

/** Makes a ring, and the inspector ring of it. */
export async function ringAndInspector(): Promise<{ ring: string; inspector: string }> {
  const ring = (await ringFile()).path;
  const inspector = join(emptyFolder(), 'inspector.jwks');
  const { code } = await runProgram(['keys', 'export', '--inspector', '--keys', ring, '--out', inspector]);
  expect(code).toBe(0);
  return { ring, inspector };
}

/** The ring of a forger: the real secret with another signing pair. An inspector can make such a ring. */
export async function forgersRing(ring: string): Promise<string> {
  const [ours, theirs] = [ring, (await ringFile()).path].map(
    (path) => JSON.parse(readFileSync(path, 'utf8')) as { keys: [object, object] },
  );
  const pair = { ...theirs?.keys[1], kid: (ours?.keys[0] as { kid: string } | undefined)?.kid };
  const path = join(emptyFolder(), 'forger.jwks');
  writeFileSync(path, JSON.stringify({ keys: [ours?.keys[0], { ...ours?.keys[1], ...pair, ...times(ours?.keys[0]) }] }));
  return path;
}

/** Returns the times of one half of a ring's entry. The other half must have the same times. */
function times(half: object | undefined): object {
  const { iat, nbf, exp } = half as Record<string, unknown>;
  return { iat, nbf, exp };
}
