import { Command } from 'commander';
import { CLOCK_SKEW, systemClock, utc } from '../../handle/index.ts';
import { DEFAULT_KEY_LIFETIME, lifeOf, mintsUntil, revoke, rotate } from '../../keys/index.ts';
import { changeNamedRing, type RingOption, ringFileOption } from '../io/ring.ts';
import { ACTIVATE_IN, takeover } from './rotate.ts';

/**
 * Minutes between the time when the last replica got the ring and the `--not-before` that the command advises. Until
 * then, servers may re-issue the handles of a thief. The `iat` of the new handles may be ahead of the real time by twice
 * the clock skew that servers tolerate.
 */
const THEFT_MARGIN = (2 * CLOCK_SKEW) / 60;

/**
 * Makes `waxseal keys revoke`. The command adds a key if minting would end earlier without the revoked key. It allows
 * unknown options, because a `kid` from another tool may begin with a dash.
 */
export function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke a key; handles that were sealed with this key never open again')
    .argument('<kid>', 'the id of the key; "waxseal keys list" shows it')
    .addOption(ringFileOption())
    .option('--reason <text>', 'the reason, which the ring records')
    .allowUnknownOption()
    .action(async (kid: string, { reason, ...option }: RingOption & { reason?: string }) => {
      const now = systemClock();
      const { path, before, after } = await changeNamedRing(option, now, async ({ pairs }) => {
        const revoked = revoke(pairs, kid, now, reason);
        // If the revocation makes minting end earlier, a new key replaces the revoked one.
        const gap = mintsUntil(revoked.map(lifeOf), now) < mintsUntil(pairs.map(lifeOf), now);
        return { pairs: gap ? await rotate(revoked, { now, activateIn: ACTIVATE_IN, lifetime: DEFAULT_KEY_LIFETIME }) : revoked };
      });
      const since = utc(before.pairs.find(({ secret }) => secret.kid === kid)?.secret.nbf ?? now);
      process.stdout.write(
        `Revoked key "${kid}" in ${path}. Once every replica has this ring, the handles that this key has sealed since ${since} no longer open.\n`,
      );
      const added = after.pairs.find(({ secret }) => !before.pairs.some((pair) => pair.secret.kid === secret.kid));
      if (added !== undefined) process.stdout.write(`${takeover(added.secret, now)}, in place of "${kid}".\n`);
      process.stdout.write(
        `If the key was stolen, servers may have re-issued a thief's handles under another key. Once every replica has this ring, restart every replica with --not-before, set to ${THEFT_MARGIN} minutes after the last replica got it, not earlier than ${utc(now + 60 * THEFT_MARGIN)}.\n`,
      );
    });
}
