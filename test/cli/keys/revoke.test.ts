/** Processes start slowly, so each test starts few. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { generatePair, generateRing, mintingKey, toDocument } from '../../../src/keys/index.ts';
import { currentSecond, DAY, expectNoSecrets, fileOf, pairsIn, ringIn, ringOfAllStates, waxseal } from '../support.ts';

describe.concurrent('waxseal keys revoke', () => {
  test('revokes one key, and keeps the others', async () => {
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

  test('adds a key when it revokes the last active key, and the new key mints at once', async () => {
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

  test('leaves no gap in minting if it revokes the key that would take over', async () => {
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

  test('changes nothing for an unknown key, and names the known keys', async () => {
    const path = await fileOf(await generateRing(currentSecond()));
    const before = await readFile(path, 'utf8');
    const { code, stderr } = await waxseal(['keys', 'revoke', 'stranger', '--keys', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`no entry "stranger".*${(await pairsIn(path))[0]?.secret.kid}`));
    expect(await readFile(path, 'utf8')).toBe(before);
  });
});
