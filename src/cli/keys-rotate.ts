import { Command } from 'commander';
import { utc } from '../handle/index.ts';
import { writeRingFile } from '../keys/file.ts';
import { rotate, toDocument } from '../keys/index.ts';
import { systemClock } from '../server/index.ts';
import { ringFile, ringOption } from './ring-option.ts';
import { parseDuration, relative } from './time.ts';

/** `waxseal keys rotate`: adds a pair that takes over; the ones before it go on opening what they sealed. */
export function rotateCommand(): Command {
  return new Command('rotate')
    .description('add a key that takes over minting; no live handle stops opening')
    .addOption(ringOption())
    .option('--activate-in <duration>', 'how long until it mints, so that every replica has it by then', '10m')
    .option('--retire-after <duration>', 'how long it then mints', '365d')
    .action(async ({ activateIn, retireAfter, ...options }: { activateIn: string; retireAfter: string; keys?: string }) => {
      const now = systemClock();
      const { path, pairs, development } = await ringFile(options);
      const durations = { activateIn: parseDuration('--activate-in', activateIn), lifetime: parseDuration('--retire-after', retireAfter) };
      const rotated = await rotate(pairs, { now, ...durations });
      await writeRingFile(path, toDocument(rotated, development));
      const added = rotated.at(-1)?.secret;
      const moment = added === undefined || added.nbf <= now ? 'now' : `${relative(added.nbf, now)} (${utc(added.nbf)})`;
      process.stdout.write(`Added key "${added?.kid}" to ${path}; it mints from ${moment}. Give the ring to every replica before then.\n`);
    });
}
