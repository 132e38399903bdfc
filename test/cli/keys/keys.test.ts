/** The commands that make, show and change a ring. Each test pays for processes, so each runs as few as tell what it says. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatePair, generateRing, mintingKey, parseDocument, parseRing, requireMinting, toDocument } from '../../../src/keys/index.ts';
import { currentSecond, DAY, expectNoSecrets, fileOf, pairsIn, ringIn, ringOfAllStates, temporaryFolder, waxseal } from '../support.ts';

describe.concurrent('waxseal keys generate', () => {
  test('writes a ring that mints at once, to a file for its owner alone, and prints none of it', async () => {
    const cwd = await temporaryFolder();
    const outcome = await waxseal(['keys', 'generate'], { cwd });
    const path = join(cwd, 'ring.jwks');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const document = JSON.parse(await readFile(path, 'utf8'));
    expectNoSecrets(outcome, document);
    expect(outcome.stdout).toContain(`key "${document.keys[0].kid}" mints until`);
    requireMinting(await ringIn(path), currentSecond());
    expect(document.development, 'it is a ring for deployments').toBeUndefined();
  });

  test('refuses to overwrite a ring, and leaves it as it is', async () => {
    const path = await fileOf(await generateRing(currentSecond()));
    const before = await readFile(path, 'utf8');
    const outcome = await waxseal(['keys', 'generate', '--out', path]);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/exists and is not overwritten\. Choose another name/);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  test('pipes the ring, and nothing else, for a secret manager', async () => {
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await waxseal(['keys', 'generate', '--out', '-', '--retire-after', '12h'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [pair] = parseDocument(stdout).pairs;
    expect((pair?.secret.exp ?? 0) - (pair?.secret.nbf ?? 0)).toBe(12 * 3600);
    requireMinting(await parseRing(stdout), currentSecond());
    expect(await readdir(cwd)).toEqual([]);
  });

  test('told no duration where one is expected makes no ring', async () => {
    const cwd = await temporaryFolder();
    const { code, stderr } = await waxseal(['keys', 'generate', '--retire-after', 'soon'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--retire-after must be a duration from 1s to 100y.*Examples: --retire-after 90s/);
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe.concurrent('waxseal keys rotate', () => {
  test('adds a key that takes over in ten minutes, and the old one opens what it sealed', async () => {
    const document = { ...(await generateRing(currentSecond() - DAY)), development: true as const };
    const path = await fileOf(document);
    const outcome = await waxseal(['keys', 'rotate', '--keys', path]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const [old, next] = (await pairsIn(path)).map(({ secret }) => secret);
    expect(outcome.stdout).toContain(`Added key "${next?.kid}"; it mints from `);
    expect(outcome.stdout).toMatch(/from \d{4}-.*Z on \(in 10 minutes\)/);
    expect(old?.kid).toBe(document.keys[0]?.kid);
    expect(old?.exp, 'one ends as the other begins').toBe(next?.nbf);
    expect((next?.nbf ?? 0) - (next?.iat ?? 0)).toBe(600);
    expect((next?.exp ?? 0) - (next?.nbf ?? 0)).toBe(365 * DAY);
    expect((await ringIn(path)).development, 'what a server made for itself stays that').toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    for (const ring of [document, JSON.parse(await readFile(path, 'utf8'))]) expectNoSecrets(outcome, ring);
  });

  test('keeps the times that it is told, with the file named by the environment', async () => {
    const path = await fileOf(await generateRing(currentSecond() - DAY));
    const args = ['keys', 'rotate', '--activate-in', '2h', '--retire-after', '30d'];
    expect(await waxseal(args, { env: { WAXSEAL_KEYS_FILE: path } })).toMatchObject({ code: 0 });
    const next = (await pairsIn(path)).at(-1)?.secret;
    expect((next?.nbf ?? 0) - (next?.iat ?? 0)).toBe(2 * 3600);
    expect((next?.exp ?? 0) - (next?.nbf ?? 0)).toBe(30 * DAY);
  });

  test('never leaves a ring that nothing can read any more', async () => {
    const now = currentSecond();
    const pairs = await Promise.all(Array.from({ length: 100 }, () => generatePair({ iat: now - DAY, nbf: now - DAY, exp: now + DAY })));
    const path = await fileOf(toDocument(pairs));
    await waxseal(['keys', 'rotate', '--keys', path]);
    await expect(ringIn(path)).resolves.toBeDefined();
  });
});

describe.concurrent('waxseal keys revoke', () => {
  test('of one key among several leaves the others as they are', async () => {
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

  test('of the last active key adds one, says so, and the ring mints at once', async () => {
    const path = await fileOf(await generateRing(currentSecond() - DAY));
    const kid = (await pairsIn(path))[0]?.secret.kid ?? '';
    const outcome = await waxseal(['keys', 'revoke', '--keys', path, '--', kid]);
    expect(outcome.code).toBe(0);
    const next = (await pairsIn(path)).at(-1)?.secret.kid;
    expect(next).not.toBe(kid);
    expect(outcome.stdout).toMatch(new RegExp(`Revoked key "${kid}".*\\nAdded key "${next}"; it mints from now on, in its place`));
    expect(mintingKey(await ringIn(path), currentSecond())?.kid).toBe(next);
    expectNoSecrets(outcome, JSON.parse(await readFile(path, 'utf8')));
  });

  test('of the key that was to take over leaves no moment ahead at which nothing mints', async () => {
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

  test('of a key that is not there changes nothing and names those that are', async () => {
    const path = await fileOf(await generateRing(currentSecond()));
    const before = await readFile(path, 'utf8');
    const { code, stderr } = await waxseal(['keys', 'revoke', 'stranger', '--keys', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`no entry "stranger".*${(await pairsIn(path))[0]?.secret.kid}`));
    expect(await readFile(path, 'utf8')).toBe(before);
  });
});
