import { beforeAll, describe, expect, test } from 'vitest';
import type { RingDocument } from '../../../src/keys/index.ts';
import { type Called, everyCall, everyRefusal, overHttp, overStdio, SECRETS } from '../../support/every-call.ts';
import { ringFile } from '../../support/folders.ts';
import { pieceIn, unfolded } from '../../support/leaks.ts';
import { startProgram, startServer } from '../../support/program.ts';
import { within } from '../../support/wait.ts';

/** A full run: the calls, the handles, and all output of the process. */
interface Run {
  readonly calls: Called[];
  readonly handles: Set<string>;
  readonly logged: string;
  readonly stdout: string;
}

describe.each(['HTTP', 'stdio'] as const)('the log of a full run over %s, at level trace,', (transport) => {
  let document: RingDocument;
  let run: Run;

  beforeAll(async () => {
    const ring = await ringFile();
    document = ring.document;
    const calls: Called[] = [];
    const handles = new Set<string>();
    const args = ['--keys', ring.path, '--log-level', 'trace'];
    const server = transport === 'HTTP' ? await startServer(args) : undefined;
    const program = server ?? startProgram(['stdio', ...args]);
    try {
      await everyCall(server ? overHttp(server.url) : overStdio(program), document, calls, handles);
      if (server) await everyRefusal(server.url, [...handles][0] ?? '');
      program.child.kill('SIGTERM');
      await within(10_000, 'the process ended', program.ended);
    } finally {
      await program.kill();
    }
    const { stdout, stderr } = program.printed;
    run = { calls, handles, logged: transport === 'HTTP' ? stdout + stderr : stderr, stdout };
  });

  test('contains no handle and no long part of a handle', () => {
    expect(run.handles.size).toBeGreaterThan(10);
    const text = unfolded(run.logged);
    for (const handle of run.handles) expect(pieceIn(text, handle, 40)).toBeUndefined();
  });

  test('contains no topic, finding, reason or unknown argument', () => {
    const text = unfolded(run.logged);
    for (const secret of SECRETS) expect(pieceIn(text, secret, 16)).toBeUndefined();
  });

  test('contains no key, and the process prints no key anywhere else', () => {
    const text = unfolded(run.logged + run.stdout);
    const secrets = document.keys.flatMap((key) => (key.kty === 'oct' ? key.k : (key.d ?? [])));
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) {
      const bytes = Buffer.from(secret, 'base64url');
      for (const form of [secret, bytes.toString('hex'), bytes.toString('hex').toUpperCase(), bytes.toString('base64')]) {
        expect(pieceIn(text, form, 16)).toBeUndefined();
      }
    }
  });

  test('has one line of JSON for each call, with tool, outcome, code, task, revision, fingerprint and milliseconds', () => {
    const lines = run.logged
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const calls = lines.filter((line) => 'tool' in line);
    expect(calls).toHaveLength(run.calls.length);
    for (const [index, expected] of run.calls.entries()) {
      expect(calls[index]).toMatchObject({ ...expected, ms: expect.any(Number) });
      if (expected.outcome === 'ok') expect(calls[index]).not.toHaveProperty('code');
      if (expected.code === 'rejected') expect(calls[index]).toHaveProperty('reason');
    }
  });

  test('has lines about every tool and every kind of error', () => {
    expect(new Set(run.calls.map(({ tool }) => tool)).size).toBe(6);
    const codes = [
      'malformed',
      'rejected',
      'expired',
      'wrong_kind',
      'forbidden',
      'state_too_large',
      'task_ended',
      'invalid_arguments',
      'unknown_tool',
    ];
    expect(new Set(run.calls.flatMap(({ code }) => code ?? []))).toEqual(new Set(codes));
  });

  test.runIf(transport === 'stdio')('is not on standard output, which MCP uses', () => {
    for (const line of run.stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('jsonrpc', '2.0');
  });
});
