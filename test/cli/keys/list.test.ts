import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generateRing, toText } from '../../../src/keys/index.ts';
import { currentSecond, expectNoSecrets, fileOf, ringOfAllStates, temporaryFolder, waxseal } from '../support.ts';

describe.concurrent('waxseal keys list', () => {
  test('shows the state of every key and its next change', async () => {
    const { document, kids } = await ringOfAllStates();
    const outcome = await waxseal(['keys', 'list', '--keys', await fileOf(document)]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const lineOf = (kid: string) => outcome.stdout.split('\n').find((line) => line.startsWith(kid));
    expect(lineOf(kids.pending)).toMatch(
      /pending .*made 100 days ago; active in (1 day|24 hours) \(\d{4}-.*Z\); under 0\.1 % of 2\^32 at 1\/s by then$/,
    );
    expect(lineOf(kids.active)).toMatch(/active .*retires in (1 day|24 hours) \(.*Z\); mints; .*by then$/);
    expect(lineOf(kids.retired)).toMatch(/retired .*gone in 28 days \(.*Z\)$/);
    expect(lineOf(kids.gone)).toMatch(/gone .*opens nothing any more$/);
    expect(lineOf(kids.revoked)).toMatch(/revoked .*opens nothing any more$/);
    expectNoSecrets(outcome, document);
  });

  test('prints the ring of WAXSEAL_KEYS as JSON, without key material', async () => {
    const { document, kids } = await ringOfAllStates();
    const outcome = await waxseal(['keys', 'list', '--json'], { env: { WAXSEAL_KEYS: JSON.stringify(document) } });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expectNoSecrets(outcome, document);
    const { development, keys } = JSON.parse(outcome.stdout) as { development: boolean; keys: Record<string, unknown>[] };
    expect(development).toBe(false);
    expect(keys.map(({ kid, state, mints, inspector }) => ({ kid, state, mints, inspector }))).toEqual(
      Object.entries(kids).map(([state, kid]) => ({ kid, state, mints: state === 'active', inspector: false })),
    );
    expect(keys.every(({ iat, nbf, exp }) => [iat, nbf, exp].every(Number.isInteger))).toBe(true);
  });

  test('says how to name a ring if none is named', async () => {
    const { code, stderr } = await waxseal(['keys', 'list']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--keys FILE, WAXSEAL_KEYS_FILE or WAXSEAL_KEYS/);
  });

  test.each([
    ['keys', 'list'],
    ['keys', 'export', '--inspector'],
    ['inspect', 'abc'],
  ])('does not advise to generate another ring if WAXSEAL_KEYS has a broken ring: waxseal %s %s', async (...args) => {
    const { code, stderr } = await waxseal(args.filter(Boolean), { env: { WAXSEAL_KEYS: '{"keys":[]' } });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/not JSON.*Give the whole ring/);
    expect(stderr).not.toContain('waxseal keys generate');
  });

  test.each(['keys list', 'keys export --inspector', 'keys rotate', 'keys revoke abc', 'revoke AAECAwQFBgcICQoL'])(
    'names the file that is not a ring, and says if it is empty: waxseal %s',
    async (command) => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'empty'), '');
      const outcome = await waxseal([...command.split(' '), '--keys', 'empty'], { cwd: folder });
      expect(outcome).toMatchObject({ code: 1, stdout: '' });
      expect(outcome.stderr).toMatch(/^waxseal: empty: The key ring is not JSON: it is empty\. Expected a JWK Set/);
    },
  );

  test.each(['ring.jwks', '/run/secrets/my ring.json'])('says that WAXSEAL_KEYS has a path: %s', async (path) => {
    const { code, stderr } = await waxseal(['keys', 'list'], { env: { WAXSEAL_KEYS: path } });
    expect(code).toBe(1);
    expect(stderr).toContain('This looks like the path of a file; a path belongs in WAXSEAL_KEYS_FILE.');
    expect(stderr).not.toContain(path);
  });

  test.each(['keys list', 'inspect', 'audit'])(
    'does not print the text of a ring that stands in place of a path: waxseal %s',
    async (command) => {
      const document = await generateRing(currentSecond());
      const outcome = await waxseal(command.split(' '), { env: { WAXSEAL_KEYS_FILE: JSON.stringify(document) }, input: 'abc' });
      expect(outcome.stderr).toMatch(/^waxseal: The path of a key ring was expected, but this is not a path\./);
      expectNoSecrets(outcome, document);
    },
  );

  test('does not advise a new ring if the file has an empty one', async () => {
    const { code, stderr } = await waxseal(['keys', 'list', '--keys', await fileOf({ keys: [] })]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/A new ring would not open any existing handle/);
    expect(stderr).not.toContain('waxseal keys generate');
  });

  test('names entry and member of a broken ring, and prints no key', async () => {
    const document = await generateRing(currentSecond());
    const keys = document.keys.map((jwk) => ({ ...jwk, exp: jwk.nbf }));
    const outcome = await waxseal(['keys', 'list', '--keys', await fileOf({ keys })]);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(new RegExp(`"${document.keys[0]?.kid}".*"exp" must be later than "nbf"`));
    expectNoSecrets(outcome, document);
  });

  test.each(['run/secrets/waxseal_production_key_ring_v2x', `ewald/${'folder/'.repeat(10)}ring`])(
    'reads a ring whose path has the length of a key, or begins like base64: %s',
    async (path) => {
      const cwd = await temporaryFolder();
      await mkdir(dirname(join(cwd, path)), { recursive: true });
      await writeFile(join(cwd, path), toText(await generateRing(currentSecond())));
      expect(await waxseal(['keys', 'list', '--keys', path], { cwd })).toMatchObject({ code: 0, stderr: '' });
    },
  );

  test.each<[string, (text: string) => string]>([
    ['its text', (text) => text],
    ['its text in base64', (text) => Buffer.from(text).toString('base64')],
    ['its text in base64url', (text) => Buffer.from(text).toString('base64url')],
    ['its text without white space, in base64', (text) => Buffer.from(JSON.stringify(JSON.parse(text))).toString('base64')],
    ['its text in base64, in quotes', (text) => `'${Buffer.from(text).toString('base64')}'`],
    ['a part of its text in base64', (text) => Buffer.from(text).toString('base64').slice(100, 400)],
    ['one of its keys', (text) => JSON.parse(text).keys[0].k],
  ])('prints no key if the path of a ring is %s', async (_form, spell) => {
    const given = spell(toText(await generateRing(currentSecond())));
    for (const [args, env] of [[['--keys', given], {}] as const, [[], { WAXSEAL_KEYS_FILE: given }] as const]) {
      const { code, stdout, stderr } = await waxseal(['keys', 'list', ...args], { env });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('this is not a path');
      for (let at = 0; at + 20 <= given.length; at += 1) expect(stderr).not.toContain(given.slice(at, at + 20));
    }
  });
});
