import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { type Diagnosis, diagnose } from '../audit/index.ts';
import { type Claims, systemClock, utc, VERIFICATION_STEPS } from '../handle/index.ts';
import { findBroken, LONGEST_HANDLE } from '../scan/index.ts';
import { printableJson, relative } from '../scan/words.ts';
import { INSPECTOR_PAGE, readInspectorPage } from '../server/node/inspect-page.ts';
import { UsageError } from './io/output.ts';
import { namedOpeningRing, ringOption } from './io/ring.ts';

/** `waxseal inspect`: what a handle says. To anyone its header and sizes; to whoever has a ring, claims and state. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show what a handle says; opens and verifies it where a ring is named')
    .argument('[handle]', 'the handle; better on standard input, where it is read from if absent or -, for others see arguments')
    .addOption(ringOption())
    .option('--json', 'print JSON, times in seconds since 1970')
    .option('--web', 'open the inspector page instead: there handles, rings and logs are pasted or dropped, and nothing leaves it')
    .addHelpText(
      'after',
      '\nA handle is found in other text, too, also where line breaks, quotations, escapes or colours broke it.\nExit codes: 0 good, 1 not valid, 2 wrong use. An inspector ring (waxseal keys export --inspector) is enough.',
    )
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
      const diagnosis = await diagnose(handle, { ring, now, maxLength: LONGEST_HANDLE });
      const why = reasonFor(diagnosis);
      process.stdout.write(json ? `${printableJson(toJson(diagnosis, why))}\n` : `${toLines(diagnosis, why, now).join('\n')}\n`);
      if (diagnosis.code !== undefined) process.exitCode = 1;
    });
}

/** The one handle in what was given, whatever broke it; what is none is given as it is, so that the verifier says what is wrong. */
async function readHandle(argument: string | undefined): Promise<string> {
  const given = await readGiven(argument);
  const handles = findBroken(given);
  if (handles.length > 1) {
    throw new UsageError(`${handles.length} handles were given; give one of them. To look at many, use waxseal audit.`);
  }
  return handles[0] ?? given;
}

async function readGiven(argument: string | undefined): Promise<string> {
  if (argument !== undefined && argument !== '-') {
    process.stderr.write('waxseal: other users of this machine see an argument in its list of processes. Standard input is safer.\n');
    return argument.trim();
  }
  if (process.stdin.isTTY) throw new UsageError('give the handle on standard input: waxseal inspect < handle.txt');
  const handle = (await text(process.stdin)).trim();
  if (handle === '') throw new UsageError('standard input was empty; a handle was expected.');
  return handle;
}

/** At which step of the verification a handle was refused, and why. Whoever has the ring may know: to him it is no oracle. */
function reasonFor({ steps, failedAt }: Diagnosis): string | undefined {
  const step = VERIFICATION_STEPS[(failedAt ?? 0) - 1];
  return step && `Step ${step.number} of ${VERIFICATION_STEPS.length}, ${step.name}: ${steps[step.number - 1]?.note ?? step.claim}`;
}

/** Absent where there was no ring to tell with. */
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

/** Says where the inspector page is, and opens it where there is something to open it with. */
async function openInspectorPage(): Promise<void> {
  await readInspectorPage();
  process.stdout.write(`${INSPECTOR_PAGE.href}\n`);
  const [command, ...args] = opener();
  if (command === undefined) return;
  const child = spawn(command, [...args, INSPECTOR_PAGE.href], { detached: true, stdio: 'ignore' });
  // Whoever has no such program has the URL.
  child.on('error', () => {});
  child.unref();
}

/** The platform's way to open a URL; nothing where there is no screen. */
function opener(): readonly string[] {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['explorer.exe'];
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return DISPLAY || WAYLAND_DISPLAY ? ['xdg-open'] : [];
}
