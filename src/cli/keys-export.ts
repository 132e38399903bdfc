import { Command } from 'commander';
import { writeRingFile } from '../keys/file.ts';
import { parseDocument, toDocument, toText, withoutSigning } from '../keys/index.ts';
import { UsageError } from './exit.ts';
import { requireRing, ringOption } from './ring-option.ts';

/** `waxseal keys export --inspector`: a ring that opens and verifies handles, and can never make one. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write a ring with fewer powers, for somebody else')
    .addOption(ringOption())
    .option('--inspector', 'a ring that opens and verifies handles and cannot mint; its holder can read every task')
    .option('--out <file>', 'where to write it; - for standard output', 'inspector.jwks')
    .action(async ({ inspector, out, ...options }: { inspector?: true; out: string; keys?: string }) => {
      if (!inspector) throw new UsageError('say what to export: waxseal keys export --inspector');
      const { pairs, development } = parseDocument(await requireRing(options));
      const document = toDocument(withoutSigning(pairs), development);
      if (out === '-') {
        if (process.stdout.isTTY)
          throw new UsageError('a key ring is not printed on a terminal. Pipe it on, or name a file with --out FILE.');
        process.stdout.write(toText(document));
        return;
      }
      await writeRingFile(out, document, { create: true });
      process.stdout.write(
        `Wrote ${out} (mode 0600): it opens and verifies handles, and cannot mint. Whoever has it can read every task.\n`,
      );
    });
}
