import { Command } from 'commander';
import { systemClock, utc } from '../../handle/index.ts';
import { generateRing } from '../../keys/index.ts';
import { writeRing } from '../io/ring.ts';
import { parseDuration } from '../io/time.ts';

export function generateCommand(): Command {
  return new Command('generate')
    .description('make a new key ring')
    .option('--out <file>', 'the file to write; - for standard output, to pipe it to a secret manager', 'ring.jwks')
    .option('--retire-after <duration>', 'how long the key mints: 90s, 10m, 12h, 30d', '365d')
    .action(async ({ out, retireAfter }: { out: string; retireAfter: string }) => {
      const now = systemClock();
      const document = await generateRing(now, parseDuration('--retire-after', retireAfter));
      if (!(await writeRing(out, document))) return;
      const [first] = document.keys;
      process.stdout.write(`Wrote ${out} (mode 0600): key "${first?.kid}" mints until ${utc(first?.exp ?? now)}.\n`);
      process.stdout.write(`Give it to every replica: waxseal serve --keys ${out}\n`);
    });
}
