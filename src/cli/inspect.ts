import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { type Diagnosis, diagnose } from '../audit/index.ts';
import { type Claims, systemClock, utc, VERIFICATION_STEPS } from '../handle/index.ts';
import { findBroken, LONGEST_HANDLE } from '../scan/index.ts';
import { printableJson, relative } from '../scan/words.ts';
import { INSPECTOR_PAGE, readInspectorPage } from '../server/node/inspect-page.ts';
import { readAlias } from '../wallet/alias.ts';
import { UsageError } from './io/output.ts';
import { namedOpeningRing, ringOption } from './io/ring.ts';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show the contents of a handle; a ring opens and verifies it')
    .argument('[handle]', 'the handle; without it, or for -, standard input is read, which other users of this machine cannot see')
    .addOption(ringOption())
    .option('--json', 'print JSON; times are in seconds since 1970')
    .option('--web', 'open the inspector page, for pasted or dropped handles, inspector rings and logs; the page sends no data')
    .addHelpText(
      'after',
      '\nThe handle may stand in other text, and line breaks, quotation marks, escapes or colours may split it.\nAn inspector ring is enough to open it (waxseal keys export --inspector).\nExit codes: 0 good, 1 not valid, 2 wrong use.',
    )
    .action(async (argument: string | undefined, { json, web, ...options }: { json?: true; keys?: string; web?: true }) => {
      if (web) {
        // The handle must not stand in the URL: other users of this machine see URLs and arguments.
        if (argument !== undefined || json || options.keys !== undefined)
          throw new UsageError('--web takes no other argument or option: paste the handle and the inspector ring into the page.');
        return openInspectorPage();
      }
      const handle = await readHandle(argument);
      const ring = await namedOpeningRing(options);
      const now = systemClock();
      const diagnosis = await diagnose(handle, { ring, now, maxLength: LONGEST_HANDLE });
      const why = reasonFor(diagnosis);
      process.stdout.write(json ? `${printableJson(toJson(diagnosis, why))}\n` : `${toLines(diagnosis, why, now).join('\n')}\n`);
      if (diagnosis.code !== undefined) process.exitCode = 1;
    });
}

/**
 * Finds the handle in the text, even if line breaks or other characters split it. If the text contains no handle,
 * returns the text, so that the verifier says what is wrong with it.
 *
 * @throws {UsageError} if the text has several handles, is a wallet's alias, or is missing
 */
async function readHandle(argument: string | undefined): Promise<string> {
  const given = await readGiven(argument);
  const handles = findBroken(given);
  if (handles.length > 1) {
    throw new UsageError(`the text has ${handles.length} handles; give one of them. To look at many, use waxseal audit.`);
  }
  if (readAlias(given) !== undefined)
    throw new UsageError(`${given} is an alias of a wallet. Only the host with this wallet can use it: ask for the task there.`);
  return handles[0] ?? given;
}

async function readGiven(argument: string | undefined): Promise<string> {
  if (argument !== undefined && argument !== '-') {
    if ((await stat(argument).catch(() => undefined))?.isFile()) {
      const name = JSON.stringify(argument);
      throw new UsageError(
        `${name} is a file, but the argument is the handle itself. To read a handle from the file: waxseal inspect < ${name}`,
      );
    }
    process.stderr.write('waxseal: other users of this machine can see the handle in the list of processes. Standard input is safer.\n');
    return argument.trim();
  }
  if (process.stdin.isTTY) throw new UsageError('give the handle on standard input: waxseal inspect < handle.txt');
  const handle = (await text(process.stdin)).trim();
  if (handle === '') throw new UsageError('standard input was empty; a handle was expected.');
  return handle;
}

/**
 * Says which step of verification failed, and why. A server hides the reason from callers, but the ring's holder may
 * know it.
 */
function reasonFor({ steps, failedAt }: Diagnosis): string | undefined {
  const step = VERIFICATION_STEPS[(failedAt ?? 0) - 1];
  return step && `Step ${step.number} of ${VERIFICATION_STEPS.length}, ${step.name}: ${steps[step.number - 1]?.note ?? step.claim}`;
}

/** Returns undefined if no ring was named. */
function validityOf({ code, claims }: Diagnosis): boolean | undefined {
  return code === undefined && claims === undefined ? undefined : code === undefined;
}

function toJson(diagnosis: Diagnosis, reason: string | undefined) {
  const { code, parts, fingerprint, claims } = diagnosis;
  const about = parts && { header: parts.header, length: parts.length, ciphertext_length: parts.ciphertextLength };
  return { fingerprint, claims, valid: validityOf(diagnosis), code, reason, ...about };
}

function toLines(diagnosis: Diagnosis, reason: string | undefined, now: number): string[] {
  const { code, parts, fingerprint, claims } = diagnosis;
  const size = parts && `${parts.length} characters, ${parts.ciphertextLength} bytes encrypted`;
  return [
    verdict(validityOf(diagnosis), code),
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
      audience: aud && printableJson(aud),
      allows: scp?.join(', '),
    }),
    '  state',
    ...printableJson(st)
      .split('\n')
      .map((line) => `    ${line}`),
  ];
}

function fields(named: Record<string, string | undefined>): string[] {
  return Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(12)} ${value}`]));
}

/** Prints the URL of the inspector page, and opens it if this machine has a program for that. */
async function openInspectorPage(): Promise<void> {
  await readInspectorPage();
  process.stdout.write(`${INSPECTOR_PAGE.href}\n`);
  const [command, ...args] = opener();
  if (command === undefined) return;
  const child = spawn(command, [...args, INSPECTOR_PAGE.href], { detached: true, stdio: 'ignore' });
  // If no program opens the URL, the user still has the printed one.
  child.on('error', () => {});
  child.unref();
}

/** Returns the platform's command for opening a URL. It is empty if the machine has no screen. */
function opener(): readonly string[] {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['explorer.exe'];
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open'] : [];
}
