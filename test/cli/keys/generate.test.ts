/** Processes start slowly, so each test starts few. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generateRing, parseDocument, parseRing, requireMinting } from '../../../src/keys/index.ts';
import { currentSecond, expectNoSecrets, fileOf, ringIn, temporaryFolder, waxseal } from '../support.ts';

describe.concurrent('waxseal keys generate', () => {
  test('writes a ring that mints at once, readable only by its owner, and prints no key', async () => {
    const cwd = await temporaryFolder();
    const outcome = await waxseal(['keys', 'generate'], { cwd });
    const path = join(cwd, 'ring.jwks');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const document = JSON.parse(await readFile(path, 'utf8'));
    expectNoSecrets(outcome, document);
    expect(outcome.stdout).toContain(`key "${document.keys[0].kid}" mints until`);
    requireMinting(await ringIn(path), currentSecond());
    expect(document.development, 'the ring is not a development ring').toBeUndefined();
  });

  test('does not overwrite a ring', async () => {
    const path = await fileOf(await generateRing(currentSecond()));
    const before = await readFile(path, 'utf8');
    const outcome = await waxseal(['keys', 'generate', '--out', path]);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/exists and is not overwritten\. Choose another name/);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('names the folder if it does not exist', async () => {
    const folder = join(await temporaryFolder(), 'absent');
    const outcome = await waxseal(['keys', 'generate', '--out', join(folder, 'ring.jwks')]);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining(`the folder ${folder} does not exist; make it first`) });
  });

  test.each([
    ['a folder', '.', /^waxseal: Cannot write the key ring \.: it is a folder\. Name a file in it, e\.g\. ring\.jwks\n$/],
    ['no path', '', /^waxseal: The path of a key ring was expected, but it is empty\./],
  ])('writes no ring if --out names %s', async (_name, out, says) => {
    const cwd = await temporaryFolder();
    expect(await waxseal(['keys', 'generate', '--out', out], { cwd })).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(says),
    });
    expect(await readdir(cwd)).toEqual([]);
  });

  test('with --out -, writes the ring to standard output, and nothing else anywhere', async () => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await waxseal(['keys', 'generate', '--out', '-', '--retire-after', '12h'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [pair] = parseDocument(stdout).pairs;
    expect((pair?.secret.exp ?? 0) - (pair?.secret.nbf ?? 0)).toBe(12 * 3600);
    requireMinting(await parseRing(stdout), currentSecond());
    expect(await readdir(cwd)).toEqual([]);
  });

  test('refuses --retire-after without a duration, and writes no ring', async () => {
    const cwd = await temporaryFolder();
    const { code, stderr } = await waxseal(['keys', 'generate', '--retire-after', 'soon'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--retire-after must be a duration from 1s to 100y.*Examples: --retire-after 90s/);
    expect(await readdir(cwd)).toEqual([]);
  });
});
