import { Command } from 'commander';
import { utc } from '../handle/index.ts';
import { writeRingFile } from '../keys/file.ts';
import { DEFAULT_KEY_LIFETIME, revoke, rotate, stateOf, toDocument } from '../keys/index.ts';
import { systemClock } from '../server/index.ts';
import { ringFile, ringOption } from './ring-option.ts';

/** `waxseal keys revoke`: kills every handle that a key sealed. Where nothing is left that mints, a new key does from now on. */
export function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke a key: every handle sealed with it stops opening, for good')
    .argument('<kid>', 'the key, as "waxseal keys list" names it')
    .addOption(ringOption())
    .option('--reason <text>', 'why, for the record in the ring')
    .action(async (kid: string, { reason, ...options }: { reason?: string; keys?: string }) => {
      const now = systemClock();
      const { path, pairs, development } = await ringFile(options);
      const revoked = revoke(pairs, kid, now, reason);
      const mints = revoked.some(({ secret }) => stateOf({ ...secret, revoked: secret.revoked !== undefined }, now) === 'active');
      const next = mints ? revoked : await rotate(revoked, { now, activateIn: 0, lifetime: DEFAULT_KEY_LIFETIME });
      await writeRingFile(path, toDocument(next, development));
      const target = pairs.find(({ secret }) => secret.kid === kid)?.secret;
      process.stdout.write(
        `Revoked key "${kid}" in ${path}: no handle sealed with it since ${utc(target?.nbf ?? now)} opens any more, once every replica has this ring.\n`,
      );
      if (!mints)
        process.stdout.write(`Nothing was left to mint with, so key "${next.at(-1)?.secret.kid}" was added and mints from now on.\n`);
    });
}
