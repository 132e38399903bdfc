/** Runs the built program in its own process, with only the variables that a test sets. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import {
  generatePair,
  type JwkPair,
  parseDocument,
  parseRing,
  type Ring,
  type RingDocument,
  revoke,
  toDocument,
} from '../../src/keys/index.ts';
import { writeRingFile } from '../../src/node/ring-file.ts';
import { atEndOfFile } from '../support/cleanup.ts';
import { type Outcome, outcomeOf } from '../support/outcome.ts';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** The text for standard input. Default: empty. */
  readonly input?: string;
  readonly cwd?: string;
}

/** Runs `waxseal` to its end. Its streams are pipes, not terminals. */
export function waxseal(args: readonly string[], { env = {}, input = '', cwd = tmpdir() }: Surroundings = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { PATH: process.env['PATH'], ...env } });
  return outcomeOf(child, input);
}

/** The present time. Seconds since 1970. */
export function currentSecond(): number {
  return Math.floor(Date.now() / 1000);
}

/** A folder for one test. It is removed after the test file, because concurrent tests have no hooks of their own. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waxseal-cli-'));
  atEndOfFile(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a ring to a file for one test. */
export async function fileOf(document: RingDocument): Promise<string> {
  const path = join(await temporaryFolder(), 'ring.jwks');
  await writeRingFile(path, document);
  return path;
}

export async function pairsIn(path: string): Promise<JwkPair[]> {
  return parseDocument(await readFile(path, 'utf8')).pairs;
}

/** Fails if the program printed eight successive characters of a private key. */
export function expectNoSecrets({ stdout, stderr }: Outcome, { keys }: RingDocument): void {
  const secrets = keys.flatMap((jwk) => (jwk.kty === 'oct' ? [jwk.k] : jwk.d === undefined ? [] : [jwk.d]));
  const slices = secrets.flatMap((secret) => Array.from({ length: secret.length - 7 }, (_, at) => secret.slice(at, at + 8)));
  expect(slices.filter((slice) => `${stdout}${stderr}`.includes(slice)).length, 'private characters in the output').toBe(0);
}

export const DAY = 86_400;

export async function ringIn(path: string): Promise<Ring> {
  return parseRing(await readFile(path, 'utf8'));
}

/** A ring with a key in each state, in the order of a key's life. */
export async function ringOfAllStates() {
  const now = currentSecond();
  const pairFor = (nbf: number, exp: number) => generatePair({ iat: now - 100 * DAY, nbf, exp });
  const pending = await pairFor(now + DAY, now + 2 * DAY);
  const active = await pairFor(now - DAY, now + DAY);
  const retired = await pairFor(now - 3 * DAY, now - 2 * DAY);
  const gone = await pairFor(now - 99 * DAY, now - 98 * DAY);
  const revoked = await pairFor(now - DAY, now + DAY);
  const states = { pending, active, retired, gone, revoked };
  return {
    document: toDocument(revoke(Object.values(states), revoked.secret.kid, now)),
    kids: {
      pending: pending.secret.kid,
      active: active.secret.kid,
      retired: retired.secret.kid,
      gone: gone.secret.kid,
      revoked: revoked.secret.kid,
    },
  };
}
