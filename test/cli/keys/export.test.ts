import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateRing, parseDocument, type RingDocument } from '../../../src/keys/index.ts';
import type { Outcome } from '../../support/outcome.ts';
import { currentSecond, expectNoSecrets, fileOf, temporaryFolder, waxseal } from '../support.ts';

let document: RingDocument;
let full: string;
let inspector: string;
let exporting: Outcome;

beforeAll(async () => {
  document = await generateRing(currentSecond());
  full = await fileOf(document);
  const cwd = await temporaryFolder();
  inspector = join(cwd, 'inspector.jwks');
  exporting = await waxseal(['keys', 'export', '--inspector', '--keys', full], { cwd });
});

describe.concurrent('waxseal keys export --inspector', () => {
  test('writes a ring without private signing keys, in a file that only its owner can read, and says what it can do', async () => {
    expect(exporting).toMatchObject({ code: 0, stderr: '' });
    expect(exporting.stdout).toMatch(/cannot mint.*can read every task/);
    expectNoSecrets(exporting, document);
    expect((await stat(inspector)).mode & 0o777).toBe(0o600);
    const text = await readFile(inspector, 'utf8');
    expect(parseDocument(text).pairs.map(({ signing }) => 'd' in signing)).toEqual([false]);
    for (const jwk of document.keys) if (jwk.kty === 'OKP') expect(text).not.toContain(jwk.d);
  });

  test('writes only the ring to standard output with --out -', async () => {
    const { code, stdout } = await waxseal(['keys', 'export', '--inspector', '--out', '-', '--keys', full]);
    expect(code).toBe(0);
    expect(parseDocument(stdout).pairs.map(({ signing }) => 'd' in signing)).toEqual([false]);
  });

  test('does not overwrite an inspector ring, or advise to rotate it', async () => {
    const before = await readFile(inspector, 'utf8');
    const { code, stderr } = await waxseal(['keys', 'export', '--inspector', '--keys', full, '--out', inspector]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${inspector} exists and is not overwritten`);
    expect(stderr).not.toContain('keys rotate');
    expect(await readFile(inspector, 'utf8')).toBe(before);
  });

  test.each([
    ['neither', [], /^waxseal: say what to export: waxseal keys export --inspector, or/],
    ['both', ['--inspector', '--public'], /^waxseal: --inspector and --public exclude each other; choose one: waxseal keys export --/],
  ])('asks the user to choose --inspector or --public if it gets %s', async (_name, options, says) => {
    const outcome = await waxseal(['keys', 'export', '--keys', full, ...options]);
    expect(outcome).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(says) });
  });
});

describe.concurrent('an inspector ring', () => {
  test('is listed with "cannot mint"', async () => {
    const { stdout } = await waxseal(['keys', 'list', '--keys', inspector]);
    expect(stdout).toMatch(/ active .*; cannot mint; .*\n$/);
  });

  test('in a file cannot start a server, and the error names entry, member and remedy', async () => {
    const outcome = await waxseal(['serve', '--port', '0', '--keys', inspector]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`waxseal: ${inspector}: Key ring entry "${document.keys[0]?.kid}"`);
    expect(outcome.stderr).toMatch(/member "d" is missing.*inspector ring.*cannot mint.*Use the full ring/);
    expectNoSecrets(outcome, document);
  });

  test('in WAXSEAL_KEYS cannot start a server over stdio', async () => {
    const outcome = await waxseal(['stdio'], { env: { WAXSEAL_KEYS: await readFile(inspector, 'utf8') } });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^waxseal: WAXSEAL_KEYS: .*inspector ring/);
    expectNoSecrets(outcome, document);
  });
});

test('public keys in place of a ring cause an error that says they are public keys', async () => {
  const { stdout: keys } = await waxseal(['keys', 'export', '--public', '--out', '-', '--keys', full]);
  const { code, stderr } = await waxseal(['inspect'], { input: 'abc', env: { WAXSEAL_KEYS: keys } });
  expect(code).toBe(2);
  expect(stderr).toMatch(/ is missing\. These are public keys only, which open no handle\. Give the whole ring, or an inspector ring\.\n$/);
});

describe.concurrent('a server', () => {
  test('exits with 1 for a broken ring, and names file, entry and member', async () => {
    const path = await fileOf({ keys: document.keys.slice(0, 1) });
    const outcome = await waxseal(['serve', '--port', '0', '--keys', path]);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`waxseal: ${path}: Key ring entry "${document.keys[0]?.kid}" is incomplete`);
    expectNoSecrets(outcome, document);
  });

  test('exits with 2 for a bad configuration, and names every wrong flag and variable', async () => {
    const { code, stderr } = await waxseal(['serve', '--port', 'eighty'], { env: { WAXSEAL_LOG_LEVEL: 'loud' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--port must be a whole number.*\n.*WAXSEAL_LOG_LEVEL must be one of/);
  });
});
