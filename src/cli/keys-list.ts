import { Command } from 'commander';
import { MAX_LIFETIME, utc } from '../handle/index.ts';
import { mintingEntry, parseRing, type RingEntry, stateOf } from '../keys/index.ts';
import { systemClock } from '../server/clock.ts';
import { requireRing, ringOption } from './ring-option.ts';
import { relative } from './time.ts';

/** `waxseal keys list`: every entry with its state, as the clock has it now. Shows no key material. */
export function listCommand(): Command {
  return new Command('list')
    .description('show the entries of a key ring and their states; no key material')
    .addOption(ringOption())
    .option('--json', 'print JSON, times in seconds since 1970')
    .action(async ({ json, ...options }: { json?: true; keys?: string }) => {
      const now = systemClock();
      const ring = await parseRing(await requireRing(options));
      const minting = mintingEntry(ring, now);
      const rows = ring.entries.map((entry) => ({ ...row(entry, now), mints: entry === minting && entry.minting !== undefined }));
      process.stdout.write(
        json ? `${JSON.stringify({ development: ring.development, keys: rows }, null, 2)}\n` : `${rows.map(line(now)).join('\n')}\n`,
      );
    });
}

function row(entry: RingEntry, now: number) {
  const { kid, iat, nbf, exp } = entry;
  return { kid, state: stateOf(entry, now), iat, nbf, exp, inspector: entry.minting === undefined };
}

function line(now: number) {
  return ({ kid, state, iat, nbf, exp, inspector, mints }: ReturnType<typeof row> & { mints: boolean }): string => {
    const next = {
      pending: `active ${relative(nbf, now)} (${utc(nbf)})`,
      active: `retires ${relative(exp, now)} (${utc(exp)})`,
      retired: `gone ${relative(exp + MAX_LIFETIME, now)} (${utc(exp + MAX_LIFETIME)})`,
      gone: 'opens nothing any more',
      revoked: 'opens nothing any more',
    }[state];
    const marks = [mints && 'mints', inspector && 'cannot mint'].filter(Boolean).join(', ');
    return `${kid.padEnd(10)} ${state.padEnd(8)} made ${relative(iat, now)}; ${next}${marks && `; ${marks}`}`;
  };
}
