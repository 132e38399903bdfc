/** Processes start slowly, so each test starts few. */
import { readFile, stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { generatePair, generateRing, toDocument } from '../../../src/keys/index.ts';
import { currentSecond, DAY, expectNoSecrets, fileOf, pairsIn, ringIn, waxseal } from '../support.ts';

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

  test('applies --activate-in and --retire-after to the file that WAXSEAL_KEYS_FILE names', async () => {
    const path = await fileOf(await generateRing(currentSecond() - DAY));
    const args = ['keys', 'rotate', '--activate-in', '2h', '--retire-after', '30d'];
    expect(await waxseal(args, { env: { WAXSEAL_KEYS_FILE: path } })).toMatchObject({ code: 0 });
    const next = (await pairsIn(path)).at(-1)?.secret;
    expect((next?.nbf ?? 0) - (next?.iat ?? 0)).toBe(2 * 3600);
    expect((next?.exp ?? 0) - (next?.nbf ?? 0)).toBe(30 * DAY);
  });

  test('explains that it cannot change a ring in WAXSEAL_KEYS', async () => {
    const { code, stderr } = await waxseal(['keys', 'rotate'], { env: { WAXSEAL_KEYS: '{"keys":[]}' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /--keys FILE or WAXSEAL_KEYS_FILE\. This command cannot change the text in WAXSEAL_KEYS: write the text to a file/,
    );
    expect((await waxseal(['keys', 'rotate', '--help'])).stdout).not.toMatch(/WAXSEAL_KEYS\b(?!_FILE)/);
  });

  test('leaves a ring of 100 keys readable', async () => {
    const now = currentSecond();
    const pairs = await Promise.all(Array.from({ length: 100 }, () => generatePair({ iat: now - DAY, nbf: now - DAY, exp: now + DAY })));
    const path = await fileOf(toDocument(pairs));
    await waxseal(['keys', 'rotate', '--keys', path]);
    await expect(ringIn(path)).resolves.toBeDefined();
  });
});
