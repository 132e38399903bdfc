import { renameSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { readParts } from '../../../src/handle/index.ts';
import { generateRing, parseDocument, type RingDocument, revoke, rotate, toDocument, toText } from '../../../src/keys/index.ts';
import { systemClock } from '../../../src/server/index.ts';
import { ringFile } from '../../support/folders.ts';
import { callTool } from '../../support/mcp.ts';
import { type RunningServer, runProgram, startServer } from '../../support/program.ts';
import { until } from '../../support/wait.ts';

let path: string;
let document: RingDocument;
let server: RunningServer;
beforeEach(async () => {
  ({ path, document } = await ringFile());
  server = await startServer(['--keys', path]);
});

/** Replaces the ring's file in one step, as `waxseal keys` does. */
function replaceRing(text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

const start = async () => (await callTool(server.url, 'start_research_task', { topic: 'x' })).structuredContent.handle;
const read = (handle: string) => callTool(server.url, 'get_task_status', { handle });
const kidOf = (handle: string) => readParts(handle).header.kid;

describe('a running server', () => {
  it('uses a rotated ring within seconds, and every handle that has not expired still opens', async () => {
    const before = await start();
    const rotated = await rotate(parseDocument(toText(document)).pairs, { now: systemClock(), activateIn: 0, lifetime: 1000 });
    replaceRing(toText(toDocument(rotated)));
    await server.says('Key ring read again');
    await server.says('"revocations":0');
    const after = await start();
    expect(kidOf(after)).toBe(rotated.at(-1)?.secret.kid);
    expect(kidOf(before)).not.toBe(kidOf(after));
    expect((await read(before)).isError).toBeUndefined();
  });

  it('uses a rotated ring at once on SIGHUP', async () => {
    const doomed = await start();
    const { pairs } = parseDocument(toText(document));
    const revoked = await rotate(revoke(pairs, kidOf(doomed), systemClock()), { now: systemClock(), activateIn: 0, lifetime: 1000 });
    replaceRing(toText(toDocument(revoked)));
    server.child.kill('SIGHUP');
    await server.says('Key ring read again');
    expect((await read(doomed)).structuredContent).toEqual({
      error: { code: 'rejected', message: expect.stringContaining('pass that handle again') },
    });
    expect((await read(await start())).isError).toBeUndefined();
  });

  it('keeps its ring if the new ring is broken, and logs no part of the new ring', async () => {
    const handle = await start();
    const broken = toText(document).replace('"A256GCM"', '"A128GCM"');
    replaceRing(broken);
    server.child.kill('SIGHUP');
    await server.says('cannot be used; the server keeps the previous ring');
    await server.says('member \\"alg\\" must be');
    const { status, warning } = await (await fetch(`${server.origin}/readyz`)).json();
    expect({ status, warning }).toEqual({ status: 'ready', warning: expect.stringContaining('keeps the previous ring') });
    expect(warning).not.toContain('alg');
    expect((await read(handle)).isError).toBeUndefined();
    replaceRing(toText(document));
    server.child.kill('SIGHUP');
    await server.says('Key ring read again');
    expect((await read(handle)).isError).toBeUndefined();
  });

  it('answers every request while it reads its ring again and again', async () => {
    let changed = false;
    const changing = (async () => {
      for (let round = 0; round < 20; round += 1) {
        replaceRing(toText(document));
        server.child.kill('SIGHUP');
        await until('a call went through', async () => (await read(await start())).isError === undefined);
      }
      changed = true;
    })();
    while (!changed) expect((await read(await start())).isError).toBeUndefined();
    await changing;
  });
});

describe('a ring that will soon stop minting', () => {
  it('causes a warning in the log, in /readyz and in waxseal keys list', async () => {
    const now = systemClock();
    const { pairs } = parseDocument(toText(await generateRing(now - 900, 1000)));
    replaceRing(toText(toDocument(pairs)));
    server.child.kill('SIGHUP');
    await server.says('has no successor');
    const ready = await fetch(`${server.origin}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', warning: expect.stringContaining('no successor') }]);
    expect((await runProgram(['keys', 'list', '--keys', path])).stdout).toContain('Warning: Less than a fifth of the minting time');
  });
});

describe('--not-before', () => {
  it('makes the server reject older handles that have not expired', async () => {
    const handle = await start();
    const later = new Date(Date.now() + 5_000).toISOString();
    const strict = await startServer(['--keys', path, '--not-before', later]);
    expect((await callTool(strict.url, 'get_task_status', { handle })).structuredContent).toEqual({
      error: { code: 'rejected', message: expect.stringContaining('pass that handle again') },
    });
    await strict.says('"reason":"issued_too_early"');
    const lenient = await startServer(['--keys', path, '--not-before', '2026-01-01T00:00:00Z']);
    expect((await callTool(lenient.url, 'get_task_status', { handle })).isError).toBeUndefined();
  });

  it('is refused if it is not a time', async () => {
    const { code, stderr } = await runProgram(['serve', '--not-before', 'yesterday']);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/--not-before must be a time in ISO 8601.*Example: --not-before 2026-/)]);
  });
});
