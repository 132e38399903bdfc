import { Command } from 'commander';
import { parseDocument, publicKeys, toDocument, withoutSigning } from '../../keys/index.ts';
import { UsageError } from '../io/output.ts';
import { type RingOption, requireRing, ringOption, writeRing } from '../io/ring.ts';

interface Options extends RingOption {
  readonly inspector?: true;
  readonly public?: true;
  readonly out?: string;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('write a ring that cannot mint handles, for somebody else')
    .addOption(ringOption())
    .option('--inspector', 'write a ring that opens and verifies handles but cannot mint; its holder can read every task')
    .option('--public', 'write only the public verification keys, as a JWK Set; they cannot open handles')
    .option('--out <file>', 'the file to write; - for standard output (default: inspector.jwks, or public.jwks)')
    .action(async ({ inspector, public: publicOnly, out, ...option }: Options) => {
      if (inspector === publicOnly) {
        const problem = inspector ? '--inspector and --public exclude each other; choose one' : 'say what to export';
        throw new UsageError(`${problem}: waxseal keys export --inspector, or waxseal keys export --public`);
      }
      const { pairs, ...rest } = await requireRing(option, parseDocument);
      if (inspector) {
        const path = out ?? 'inspector.jwks';
        if (await writeRing(path, toDocument(withoutSigning(pairs), rest))) {
          process.stdout.write(
            `Wrote ${path} (mode 0600): this ring opens and verifies handles, but cannot mint handles. Its holder can read every task.\n`,
          );
        }
        return;
      }
      const path = out ?? 'public.jwks';
      if (await writeRing(path, publicKeys(pairs))) process.stdout.write(`Wrote ${path}: public keys, which cannot open handles.\n`);
    });
}
