import { Command } from 'commander';
import { systemClock, utc } from '../../handle/index.ts';
import { lifeOf, mintsUntil, rotate, type SecretJwk } from '../../keys/index.ts';
import { relative } from '../../scan/words.ts';
import { changeNamedRing, type RingOption, ringFileOption } from '../io/ring.ts';
import { parseDuration } from '../io/time.ts';

interface Options extends RingOption {
  readonly activateIn: string;
  readonly retireAfter: string;
}

export function rotateCommand(): Command {
  return new Command('rotate')
    .description('add a key that takes over minting; all live handles still open')
    .addOption(ringFileOption())
    .option('--activate-in <duration>', 'how soon the new key begins to mint; every replica must have the ring by then', '10m')
    .option('--retire-after <duration>', 'how long the new key mints after it has begun', '365d')
    .action(async ({ activateIn, retireAfter, ...option }: Options) => {
      const now = systemClock();
      const durations = {
        activateIn: parseDuration('--activate-in', activateIn),
        lifetime: parseDuration('--retire-after', retireAfter),
      };
      const { path, before, after } = await changeNamedRing(option, now, async ({ pairs }) => ({
        pairs: await rotate(pairs, { now, ...durations }),
      }));
      const added = after.pairs.at(-1)?.secret;
      if (added === undefined) return;
      const deadline = added.nbf > now ? 'before then' : 'at once';
      process.stdout.write(`${takeover(added, now)}, in ${path}. Give the ring to every replica ${deadline}.\n`);
      const [sooner, later] = [mintsUntil(after.pairs.map(lifeOf), now), mintsUntil(before.pairs.map(lifeOf), now)];
      if (sooner < later) {
        process.stderr.write(
          `Note: minting now ends ${utc(sooner)}. Without this rotation, minting would end ${utc(later)}: see --retire-after.\n`,
        );
      }
    });
}

/** The default time until a new key begins to mint, in seconds. */
export const ACTIVATE_IN = 600;

/** Says which key was added, and when it begins to mint. */
export function takeover({ kid, nbf }: SecretJwk, now: number): string {
  return `Added key "${kid}"; it mints from ${nbf > now ? `${utc(nbf)} on (${relative(nbf, now)})` : 'now on'}`;
}
