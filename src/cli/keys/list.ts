import { Command } from 'commander';
import { MAX_LIFETIME, systemClock, utc } from '../../handle/index.ts';
import {
  budgetUsed,
  keyStateAt,
  mintingEntry,
  parseDocument,
  parseRing,
  type Ring,
  type RingEntry,
  withoutForgotten,
} from '../../keys/index.ts';
import { counted, relative } from '../../scan/words.ts';
import { readiness } from '../../server/app/health.ts';
import { UsageError } from '../io/output.ts';
import { type RingOption, requireRing, ringOption, sizeWarning } from '../io/ring.ts';

interface Options extends RingOption {
  readonly rate: string;
  readonly json?: true;
}

export function listCommand(): Command {
  return new Command('list')
    .description('show the entries of a key ring and their states, without key material')
    .addOption(ringOption())
    .option(
      '--rate <number>',
      'how many handles a second a key mints; the list shows how much of its budget of 2^32 handles each key uses at this rate',
      '1',
    )
    .option('--json', 'print JSON; times are in seconds since 1970')
    .action(async ({ json, rate: rateText, ...option }: Options) => {
      const now = systemClock();
      const rate = parseRate(rateText);
      const { ring, contents } = await requireRing(option, async (text) => ({
        ring: await parseRing(text),
        contents: parseDocument(text),
      }));
      const report = json ? JSON.stringify(describe(ring, rate, now), null, 2) : lines(ring, rate, now).join('\n');
      process.stdout.write(`${report}\n`);
      const warning = sizeWarning(contents);
      if (warning !== undefined) process.stderr.write(`Note: ${warning}\n`);
    });
}

function parseRate(text: string): number {
  const rate = Number(text);
  if (/^[0-9.]+$/.test(text) && rate > 0 && rate <= 1e6) return rate;
  throw new UsageError(
    `--rate must be a number of handles a second, above 0 and at most 1000000, not ${JSON.stringify(text)}. Example: --rate 100`,
  );
}

function describe(ring: Ring, rate: number, now: number) {
  const minting = mintingEntry(ring, now);
  const keys = ring.entries.map((entry) => {
    const { kid, iat, nbf, exp, minting: key } = entry;
    const mints = entry === minting && key !== undefined;
    return { kid, state: keyStateAt(entry, now), mints, iat, nbf, exp, budget_used: budgetUsed(entry, rate), inspector: key === undefined };
  });
  const { reason, warning = reason } = readiness(ring, now);
  const { tasks, subjects } = withoutForgotten(ring.revocations, now);
  const revocations = { tasks: tasks.size, subjects: subjects.size };
  return { development: ring.development, keys, revocations, ...(warning !== undefined && { warning }) };
}

function lines(ring: Ring, rate: number, now: number): string[] {
  const { keys, revocations, warning } = describe(ring, rate, now);
  const entries = keys.map(({ kid, state, mints, inspector, ...life }) => {
    const marks = [nextChange(state, life, now), mints && 'mints', inspector && 'cannot mint', budget(state, life, rate)];
    return `${kid.padEnd(10)} ${state.padEnd(8)} made ${relative(life.iat, now)}; ${marks.filter(Boolean).join('; ')}`;
  });
  const revoked = [counted(revocations.tasks, 'task'), counted(revocations.subjects, 'caller')].join(' and ');
  if (revocations.tasks + revocations.subjects > 0) entries.push('', `Revokes ${revoked}.`);
  // An inspector ring never mints, so a warning that no key mints would mislead.
  const inspector = keys.every((key) => key.inspector);
  return warning === undefined || inspector ? entries : [...entries, '', `Warning: ${warning}`];
}

type Life = Pick<RingEntry, 'nbf' | 'exp'>;

function nextChange(state: ReturnType<typeof keyStateAt>, { nbf, exp }: Life, now: number): string {
  const gone = exp + MAX_LIFETIME;
  if (state === 'pending') return `active ${relative(nbf, now)} (${utc(nbf)})`;
  if (state === 'active') return `retires ${relative(exp, now)} (${utc(exp)})`;
  return state === 'retired' ? `gone ${relative(gone, now)} (${utc(gone)})` : 'opens nothing any more';
}

/** Says how much of its budget a key uses; undefined if it no longer mints. */
function budget(state: ReturnType<typeof keyStateAt>, life: Life, rate: number): string | undefined {
  if (state !== 'active' && state !== 'pending') return undefined;
  const used = budgetUsed(life, rate) * 100;
  return `${used < 0.1 ? 'under 0.1' : used.toFixed(1)} % of 2^32 at ${rate}/s by then${used > 100 ? ': too much, rotate sooner' : ''}`;
}
