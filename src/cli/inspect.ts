import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import {
  authenticate,
  CLOCK_SKEW,
  type Claims,
  fingerprint,
  HandleError,
  HandleMalformed,
  type HandleParts,
  HandleRejected,
  readParts,
  systemClock,
  utc,
} from '../handle/index.ts';
import { openingKey, type Ring, stateOf } from '../keys/index.ts';
import { UsageError } from './io/exit.ts';
import { openInspectorPage } from './io/inspect-web.ts';
import { namedOpeningRing, ringOption } from './io/ring-option.ts';
import { relative } from './io/time.ts';

/** The longest handle that is inspected, in characters: that of the most generous server. */
const MAX_LENGTH = 262_144;

/** What was found out about a handle. */
interface Finding {
  /** Absent where there was no ring to tell with. */
  readonly valid?: boolean;
  readonly code?: string;
  readonly reason?: string;
  readonly fingerprint?: string;
  readonly parts?: HandleParts;
  readonly claims?: Claims;
}

/** `waxseal inspect`: what a handle says. To anyone its header and sizes; to whoever has a ring, claims and state. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show what a handle says; opens and verifies it where a ring is named')
    .argument('[handle]', 'the handle; read from standard input where it is absent or -')
    .addOption(ringOption())
    .option('--json', 'print JSON, times in seconds since 1970')
    .option('--web', 'open the inspector page instead: there handles, rings and logs are pasted or dropped, and nothing leaves it')
    .addHelpText('after', '\nExit codes: 0 good, 1 not valid, 2 wrong use. An inspector ring (waxseal keys export --inspector) is enough.')
    .action(async (argument: string | undefined, { json, web, ...options }: { json?: true; keys?: string; web?: true }) => {
      if (web) {
        // What is in a URL or an argument is seen by others of this machine.
        if (argument !== undefined || json || options.keys !== undefined)
          throw new UsageError('--web stands alone: the page takes handles and an inspector ring by itself.');
        return openInspectorPage();
      }
      const handle = await readHandle(argument);
      const ring = await namedOpeningRing(options);
      const now = systemClock();
      const finding = await inspect(handle, ring, now);
      process.stdout.write(json ? `${print(toJson(finding))}\n` : `${toLines(finding, now).join('\n')}\n`);
      if (finding.code !== undefined) process.exitCode = 1;
    });
}

async function readHandle(argument: string | undefined): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument.trim();
  if (process.stdin.isTTY) throw new UsageError('give the handle as an argument, or on standard input: waxseal inspect < handle.txt');
  const handle = (await text(process.stdin)).trim();
  if (handle === '') throw new UsageError('standard input was empty; a handle was expected.');
  return handle;
}

async function inspect(handle: string, ring: Ring | undefined, now: number): Promise<Finding> {
  let seen: Finding = {};
  try {
    seen = { parts: readParts(handle, MAX_LENGTH), fingerprint: await fingerprint(handle) };
    if (ring === undefined) return seen;
    const { claims } = await authenticate(handle, (kid) => openingKey(ring, kid, now), MAX_LENGTH);
    if (!(claims.iat <= now + CLOCK_SKEW)) {
      return { ...seen, claims, valid: false, code: 'rejected', reason: `It was issued in the future, at ${utc(claims.iat)}.` };
    }
    if (!(now < claims.exp)) return { ...seen, claims, valid: false, code: 'expired', reason: `It expired at ${utc(claims.exp)}.` };
    return { ...seen, claims, valid: true };
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    return { ...seen, valid: false, code: error.code, reason: reasonOf(error, seen.parts?.header.kid, ring, now) };
  }
}

/** Whoever has the ring may know why: to him it is no oracle. */
function reasonOf(error: HandleError, kid: string | undefined, ring: Ring | undefined, now: number): string {
  if (error instanceof HandleMalformed) return error.message;
  if (!(error instanceof HandleRejected)) return error.message;
  if (error.reason !== 'unknown_key') return `It was not sealed with this ring, or was changed since (${error.reason}).`;
  const entry = ring?.entries.find((candidate) => candidate.kid === kid);
  return entry === undefined ? `The ring has no key "${kid}".` : `Its key "${kid}" is ${stateOf(entry, now)}.`;
}

/** JSON that a terminal shows and does not obey: control characters and those that reorder text stay escapes. */
function print(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function toJson({ parts, ...finding }: Finding) {
  return { ...finding, ...(parts && { header: parts.header, length: parts.length, ciphertext_length: parts.ciphertextLength }) };
}

function toLines({ valid, code, reason, parts, fingerprint, claims }: Finding, now: number): string[] {
  const size = parts && `${parts.length} characters, ${parts.ciphertextLength} bytes encrypted`;
  return [
    verdict(valid, code),
    ...(reason === undefined ? [] : [`  ${reason}`]),
    ...fields({ header: parts && JSON.stringify(parts.header), length: size, fingerprint }),
    ...(claims === undefined ? [] : claimLines(claims, now)),
  ];
}

function verdict(valid: boolean | undefined, code: string | undefined): string {
  if (valid) return 'valid: sealed and signed by this ring';
  return code === undefined ? 'not opened: name a ring with --keys to open and verify it' : `not valid (${code})`;
}

function claimLines({ jti, kind, rev, iat, exp, prv, sub, aud, scp, st }: Claims, now: number): string[] {
  return [
    ...fields({
      id: jti,
      kind,
      revision: String(rev),
      issued: `${utc(iat)} (${relative(iat, now)})`,
      expires: `${utc(exp)} (${now < exp ? 'expires' : 'expired'} ${relative(exp, now)})`,
      replaces: prv,
      caller: sub ?? 'bearer: opens for whoever holds it',
      audience: aud && print(aud),
      allows: scp?.join(', '),
    }),
    '  state',
    ...print(st)
      .split('\n')
      .map((line) => `    ${line}`),
  ];
}

function fields(named: Record<string, string | undefined>): string[] {
  return Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)} ${value}`]));
}
