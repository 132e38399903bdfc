import { Command } from 'commander';
import { parseDocument, toDocument, withoutSigning } from '../keys/index.ts';
import { UsageError } from './exit.ts';
import { type RingOption, requireRing, ringOption } from './ring-option.ts';
import { writeRing } from './ring-output.ts';

interface Options extends RingOption {
  readonly inspector?: true;
  readonly out: string;
}

/** `waxseal keys export --inspector`: a ring that opens and verifies handles, and can never make one. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write a ring with fewer powers, for somebody else')
    .addOption(ringOption())
    .option('--inspector', 'a ring that opens and verifies handles and cannot mint; its holder can read every task')
    .option('--out <file>', 'where to write it; - for standard output', 'inspector.jwks')
    .action(async ({ inspector, out, ...option }: Options) => {
      if (!inspector) throw new UsageError('say what to export: waxseal keys export --inspector');
      const { pairs, development } = parseDocument(await requireRing(option));
      if (!(await writeRing(out, toDocument(withoutSigning(pairs), development)))) return;
      process.stdout.write(
        `Wrote ${out} (mode 0600): it opens and verifies handles, and cannot mint. Whoever has it can read every task.\n`,
      );
    });
}
