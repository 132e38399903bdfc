/** Tests of the commands that make and change a ring. Processes are slow to start, so each test starts few. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatePair, generateRing, mintingKey, parseDocument, parseRing, requireMinting, toDocument } from '../../../src/keys/index.ts';
import { currentSecond, DAY, expectNoSecrets, fileOf, pairsIn, ringIn, ringOfAllStates, temporaryFolder, waxseal } from '../support.ts';

describe.concurrent('waxseal keys generate', () => {
  test('writes a ring that mints at once to a file that only its owner can read, and prints no key', async () => {
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

  test('writes only the ring to standard output with --out -', async () => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await waxseal(['keys', 'generate', '--out', '-', '--retire-after', '12h'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [pair] = parseDocument(stdout).pairs;
    expect((pair?.secret.exp ?? 0) - (pair?.secret.nbf ?? 0)).toBe(12 * 3600);
    requireMinting(await parseRing(stdout), currentSecond());
    expect(await readdir(cwd)).toEqual([]);
  });

  test('writes no ring if --retire-after is not a duration', async () => {
    const cwd = await temporaryFolder();
    const { code, stderr } = await waxseal(['keys', 'generate', '--retire-after', 'soon'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--retire-after must be a duration from 1s to 100y.*Examples: --retire-after 90s/);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe.concurrent('waxseal keys rotate', () => {
  test('adds a key that takes over in ten minutes, and keeps the old key', async () => {
    const document = { ...(await generateRing(currentSecond() - DAY)), development: true as const };
    const path = await fileOf(document);
    const outcome = await waxseal(['keys', 'rotate', '--keys', path]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const [old, next] = (await pairsIn(path)).map(({ secret }) => secret);
    expect(outcome.stdout).toContain(`Added key "${next?.kid}"; it mints from `);
    expect(outcome.stdout).toMatch(/from \d{4}-.*Z on \(in 10 minutes\)/);
    expect(old?.kid).toBe(document.keys[0]?.kid);
    expect(old?.exp, 'the old key stops minting when the new key starts').toBe(next?.nbf);
    expect((next?.nbf ?? 0) - (next?.iat ?? 0)).toBe(600);
    expect((next?.exp ?? 0) - (next?.nbf ?? 0)).toBe(365 * DAY);
    expect((await ringIn(path)).development, 'the development ring stays marked as such').toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (const ring of [document, JSON.parse(await readFile(path, 'utf8'))]) expectNoSecrets(outcome, ring);
  });

  test('applies --activate-in and --retire-after to the file that the environment names', async () => {
    const path = await fileOf(await generateRing(currentSecond() - DAY));
    const args = ['keys', 'rotate', '--activate-in', '2h', '--retire-after', '30d'];
    expect(await waxseal(args, { env: { WAXSEAL_KEYS_FILE: path } })).toMatchObject({ code: 0 });
    const next = (await pairsIn(path)).at(-1)?.secret;
    expect((next?.nbf ?? 0) - (next?.iat ?? 0)).toBe(2 * 3600);
    expect((next?.exp ?? 0) - (next?.nbf ?? 0)).toBe(30 * DAY);
  });

  test('leaves a full ring readable', async () => {
    const now = currentSecond();
    const pairs = await Promise.all(Array.from({ length: 100 }, () => generatePair({ iat: now - DAY, nbf: now - DAY, exp: now + DAY })));
    const path = await fileOf(toDocument(pairs));
    await waxseal(['keys', 'rotate', '--keys', path]);
    await expect(ringIn(path)).resolves.toBeDefined();
  });
});

describe.concurrent('waxseal keys revoke', () => {
  test('revokes one key, and leaves the others as they are', async () => {
    const { document, kids } = await ringOfAllStates();
    const path = await fileOf(document);
    const outcome = await waxseal(['keys', 'revoke', '--keys', path, '--reason', 'laptop stolen', '--', kids.retired]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain(`Revoked key "${kids.retired}" in ${path}`);
    const pairs = await pairsIn(path);
    expect(pairs.map(({ secret }) => secret.kid)).toEqual(Object.values(kids));
    expect(pairs[2]?.secret.revoked).toMatchObject({ reason: 'laptop stolen', revoked_at: expect.any(Number) });
    expect(mintingKey(await ringIn(path), currentSecond())?.kid).toBe(kids.active);
  });

  test('adds a key that mints at once when it revokes the last active key', async () => {
    const path = await fileOf(await generateRing(currentSecond() - DAY));
    const kid = (await pairsIn(path))[0]?.secret.kid ?? '';
    const outcome = await waxseal(['keys', 'revoke', '--keys', path, '--', kid]);
    expect(outcome.code).toBe(0);
    const next = (await pairsIn(path)).at(-1)?.secret.kid;
    expect(next).not.toBe(kid);
    expect(outcome.stdout).toMatch(new RegExp(`Revoked key "${kid}".*\\nAdded key "${next}"; it mints from now on, in place of "${kid}"`));
    expect(mintingKey(await ringIn(path), currentSecond())?.kid).toBe(next);
    expectNoSecrets(outcome, JSON.parse(await readFile(path, 'utf8')));
  });

  test('leaves no time without a minting key when it revokes the next key', async () => {
    const now = currentSecond();
    const takeover = now + 600;
    const old = await generatePair({ iat: now - DAY, nbf: now - DAY, exp: takeover });
    const next = await generatePair({ iat: now, nbf: takeover, exp: takeover + DAY });
    const path = await fileOf(toDocument([old, next]));
    expect((await waxseal(['keys', 'revoke', '--keys', path, '--', next.secret.kid])).code).toBe(0);
    const ring = await ringIn(path);
    expect([now, takeover - 1, takeover, takeover + 60].map((moment) => mintingKey(ring, moment) !== undefined)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test('changes nothing for an unknown key, and names the known ones', async () => {
    const path = await fileOf(await generateRing(currentSecond()));
    const before = await readFile(path, 'utf8');
    const { code, stderr } = await waxseal(['keys', 'revoke', 'stranger', '--keys', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`no entry "stranger".*${(await pairsIn(path))[0]?.secret.kid}`));
    expect(await readFile(path, 'utf8')).toBe(before);
  });
});
