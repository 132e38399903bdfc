import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { fingerprint, issue } from '../../src/handle/index.ts';
import {
  generatePair,
  generateRing,
  type JwkPair,
  mintingKey,
  parseRing,
  revoke,
  toDocument,
  toText,
  withoutSigning,
} from '../../src/keys/index.ts';
import { aliasFor } from '../../src/wallet/alias.ts';
import type { Outcome } from '../support/outcome.ts';
import { currentSecond, expectNoSecrets, fileOf, temporaryFolder, waxseal } from './support.ts';

const HOUR = 3600;
const now = currentSecond();
const state = { topic: 'tides & <moons>', depth: 3, status: 'running', results: ['twice a day'] };

let pair: JwkPair;
let handle: string;
let ring: string;
let inspector: string;

/** Issues a handle of this file's ring, at a given time. */
async function handleFrom(iat: number, lifetime: number): Promise<string> {
  const key = mintingKey(await parseRing(ring), now);
  if (key === undefined) throw new Error('the ring of this test cannot mint');
  return (await issue({ kind: 'research@1', state, now: iat, lifetime }, key)).handle;
}

const inspectWith = (WAXSEAL_KEYS: string, text = handle, ...options: string[]): Promise<Outcome> =>
  waxseal(['inspect', ...options], { env: { WAXSEAL_KEYS }, input: text });

beforeAll(async () => {
  pair = await generatePair({ iat: now - 100 * HOUR, nbf: now - 100 * HOUR, exp: now + 100 * HOUR });
  ring = toText(toDocument([pair]));
  inspector = toText(toDocument(withoutSigning([pair])));
  // Both times have an additional half minute, so that they are rounded in the same way on a slow machine.
  handle = await handleFrom(now - 2 * HOUR - 30, 5 * HOUR + 60);
});

describe.concurrent('waxseal inspect without a ring', () => {
  test('shows what anyone can see of a handle', async () => {
    const { code, stdout, stderr } = await waxseal(['inspect'], { input: handle });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('not opened: name a ring with --keys');
    expect(stdout).toContain(JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: pair.secret.kid, typ: 'handle' }));
    expect(stdout).toMatch(new RegExp(`${handle.length} characters, \\d+ bytes encrypted`));
    expect(stdout).toContain(await fingerprint(handle));
    expect(stdout, 'the output has nothing of the state').not.toContain('tides');
    expect(stdout, 'the output has no part of the handle').not.toContain(handle.slice(-40));
  });

  test('reads a handle from standard input, and prints JSON without a member "valid"', async () => {
    const { code, stdout } = await waxseal(['inspect', '--json', '-'], { input: `\n  ${handle}\r\n` });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      header: { alg: 'dir', enc: 'A256GCM', kid: pair.secret.kid, typ: 'handle' },
      fingerprint: await fingerprint(handle),
      length: handle.length,
      ciphertext_length: expect.any(Number),
    });
  });
});

describe.concurrent('waxseal inspect with a ring', () => {
  test.each(['full', 'inspector'])('opens and verifies a handle with the %s ring, and shows its claims, state and times', async (which) => {
    const outcome = await inspectWith(which === 'full' ? ring : inspector);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = outcome;
    expect(stdout).toMatch(/^valid: sealed and signed by this ring$/m);
    expect(stdout).toMatch(/^ {2}kind +research@1$/m);
    expect(stdout).toMatch(/^ {2}revision +1$/m);
    expect(stdout).toMatch(/^ {2}id +[\w-]{16}$/m);
    expect(stdout).toMatch(/^ {2}issued +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(2 hours ago\)$/m);
    expect(stdout).toMatch(/^ {2}expires +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(expires in 3 hours\)$/m);
    expect(stdout).toContain('"topic": "tides & <moons>"');
    expectNoSecrets(outcome, toDocument([pair]));
  });

  test('prints the claims unchanged, as JSON', async () => {
    const found = JSON.parse((await inspectWith(inspector, handle, '--json')).stdout);
    expect(found).toMatchObject({ valid: true, claims: { kind: 'research@1', rev: 1, exp: now + 3 * HOUR + 30, st: state } });
    expect(found.code).toBeUndefined();
  });

  test('uses the ring of --keys, even if WAXSEAL_KEYS_FILE names another ring', async () => {
    const [own, foreign] = [await fileOf(toDocument([pair])), await fileOf(await generateRing(now))];
    const outcome = await waxseal(['inspect', handle, '--keys', own], { env: { WAXSEAL_KEYS_FILE: foreign } });
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringMatching(/^valid/) });
  });

  test('ignores an empty WAXSEAL_KEYS_FILE, as the server does', async () => {
    const outcome = await waxseal(['inspect'], { input: handle, env: { WAXSEAL_KEYS_FILE: '', WAXSEAL_KEYS: ring } });
    expect(outcome).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^valid/) });
  });
});

describe.concurrent('waxseal inspect', () => {
  async function verdictOn(text: string, keys = ring): Promise<{ code: string; reason: string }> {
    const outcome = await inspectWith(keys, text, '--json');
    expect({ code: outcome.code, stderr: outcome.stderr }).toEqual({ code: 1, stderr: '' });
    const { valid, code, reason } = JSON.parse(outcome.stdout);
    expect(valid).toBe(false);
    return { code, reason };
  }

  test('exits with 1 for an expired handle, and still shows its claims', async () => {
    const WAXSEAL_KEYS_FILE = await fileOf(toDocument(withoutSigning([pair])));
    const { code, stdout } = await waxseal(['inspect', await handleFrom(now - 3 * HOUR, HOUR)], { env: { WAXSEAL_KEYS_FILE } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^not valid \(expired\)\n {2}Step 14 of 17, Expiry: This handle expired at \d{4}-.*Z\.\n/);
    expect(stdout).toMatch(/\(expired 2 hours ago\)/);
    expect(stdout).toContain('twice a day');
  });

  test('exits with 1 for a handle from the future, beyond the clock skew', async () => {
    expect(await verdictOn(await handleFrom(now + 2 * HOUR, HOUR))).toMatchObject({ code: 'rejected' });
  });

  test('exits with 1 for a revoked key', async () => {
    const { kid } = pair.secret;
    const revoked = toText(toDocument(revoke([pair], kid, now)));
    expect(await verdictOn(handle, revoked)).toEqual({ code: 'rejected', reason: `Step 4 of 17, Key: Key "${kid}" is revoked.` });
  });

  test('exits with 1 for a key that is not in the ring', async () => {
    const foreign = toText(await generateRing(now));
    expect(await verdictOn(handle, foreign)).toEqual({
      code: 'rejected',
      reason: `Step 4 of 17, Key: The ring has no key "${pair.secret.kid}".`,
    });
  });

  test('exits with 1 for a revoked task', async () => {
    const { jti } = JSON.parse((await inspectWith(ring, handle, '--json')).stdout).claims;
    const revoked = toText(toDocument([pair], { revocations: { tasks: new Map([[jti, now + 100 * HOUR]]), subjects: new Map() } }));
    expect(await verdictOn(handle, revoked)).toEqual({
      code: 'rejected',
      reason: 'Step 13 of 17, Revocation: The ring revokes the task or the caller of the handle.',
    });
  });

  test('exits with 1 if the ring has another key with the handle’s kid', async () => {
    const { secret, signing } = await generatePair(pair.secret);
    const { kid } = pair.secret;
    const impostor = toText({
      keys: [
        { ...secret, kid },
        { ...signing, kid },
      ],
    });
    expect(await verdictOn(handle, impostor)).toMatchObject({
      code: 'rejected',
      reason: expect.stringMatching(
        /^Step 5 of 17, Decryption: .* another key with this name sealed the handle, or the handle was changed/,
      ),
    });
  });

  test('exits with 1 for a handle with a changed character', async () => {
    const at = handle.lastIndexOf('.') - 10;
    const tampered = handle.slice(0, at) + (handle.charAt(at) === 'A' ? 'B' : 'A') + handle.slice(at + 1);
    expect(await verdictOn(tampered)).toMatchObject({ code: 'rejected', reason: expect.stringMatching(/changed/) });
  });

  test('exits with 1 for a handle that was cut, even without a ring', async () => {
    const { code, stdout } = await waxseal(['inspect', handle.slice(0, -5)]);
    expect(code).toBe(1);
    expect(stdout).toBe(
      `not valid (malformed)\n  Step 2 of 17, Grammar: The handle is truncated at ${handle.length - 5} of ${handle.length} characters.\n`,
    );
  });
});

describe.concurrent('waxseal inspect, given text with a handle,', () => {
  test.each([
    ['folded', (h: string) => h.match(/.{1,76}/g)?.join('\n') ?? ''],
    [
      'quoted in mail',
      (h: string) =>
        h
          .match(/.{1,70}/g)
          ?.map((line) => `> ${line}`)
          .join('\n') ?? '',
    ],
    ['in a line of a log', (h: string) => `{"level":30,"handle":"${h}"}`],
    ['coloured', (h: string) => `\u001b[31m${h}\u001b[0m`],
  ])('finds the handle if the handle is %s', async (_name, write) => {
    const { code, stdout } = await waxseal(['inspect', '--json'], { input: write(handle) });
    expect({ code, fingerprint: JSON.parse(stdout).fingerprint }).toEqual({ code: 0, fingerprint: await fingerprint(handle) });
  });

  test('refuses a text with several handles', async () => {
    const input = `${handle}\n${await handleFrom(now - HOUR, 2 * HOUR)}\n`;
    const outcome = await waxseal(['inspect'], { input });
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/2 handles.*give one.*waxseal audit/) });
  });

  test('warns of a handle in an argument, which other users see in the list of processes', async () => {
    const { code, stderr } = await waxseal(['inspect', handle]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/other users of this machine.*Standard input/) });
  });

  test("escapes the control characters in the handle's state", async () => {
    const key = mintingKey(await parseRing(ring), now);
    if (key === undefined) throw new Error('the ring of this test cannot mint');
    const topic = 'a\u061cb\u200bc\u00add\u202ee\u009bf\u{e0041}g\u001bh';
    const { handle: hostile } = await issue({ kind: 'research@1', state: { topic }, now, lifetime: HOUR }, key);
    for (const options of [[], ['--json']]) {
      const { stdout } = await waxseal(['inspect', ...options], { input: hostile, env: { WAXSEAL_KEYS: ring } });
      expect(stdout).not.toMatch(/[^\P{C}\n]/u);
      expect(stdout).toContain('a\\u061cb\\u200bc\\u00add\\u202ee\\u009bf\\udb40\\udc41g\\u001bh');
    }
  });
});

describe.concurrent('waxseal inspect, used wrongly,', () => {
  test('exits with 2 without a handle, and says that standard input was empty', async () => {
    const { code, stdout, stderr } = await waxseal(['inspect'], { input: ' \n' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/standard input was empty; a handle was expected/);
  });

  test('exits with 2 for the name of a file, and says how to read the file', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'handle.txt'), handle);
    expect(await waxseal(['inspect', 'handle.txt'], { cwd })).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'waxseal: "handle.txt" is a file, but the argument is the handle itself. To read a handle from the file: waxseal inspect < "handle.txt"\n',
    });
    expect(await waxseal(['inspect', 'h'.repeat(5_000)], { cwd })).toMatchObject({ code: 1, stdout: expect.stringMatching(/^not valid/) });
  });

  test("exits with 2 for a wallet's alias, and says where the alias can be used", async () => {
    const alias = aliasFor('a task', () => false);
    const { code, stdout, stderr } = await waxseal(['inspect'], { input: `${alias}\n` });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`${alias} is an alias of a wallet. Only the host with this wallet can use it`);
  });

  test('exits with 2 for a broken ring, and prints no key', async () => {
    const outcome = await inspectWith(ring.slice(0, -30));
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/The key ring is not JSON/) });
    expectNoSecrets(outcome, toDocument([pair]));
  });
});
