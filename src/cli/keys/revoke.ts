import { Command } from 'commander';
import { CLOCK_SKEW, systemClock, utc } from '../../handle/index.ts';
import { DEFAULT_KEY_LIFETIME, lifeOf, mintsUntil, revoke, rotate } from '../../keys/index.ts';
import { changeNamedRing, type RingOption, ringOption } from '../io/ring.ts';
import { ACTIVATE_IN, takeover } from './rotate.ts';

/** How much later than the last replica's new ring handles may be dated that a thief had re-issued. Seconds; twice the skew that is tolerated. */
const THEFT_MARGIN = 2 * CLOCK_SKEW;

/** `waxseal keys revoke`: kills every handle that a key sealed. Where that would leave a time in which nothing mints, a new key is added. The `kid` of another tool's key may begin with a dash: such a word is a `kid` here. */
export function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke a key: every handle sealed with it stops opening, for good')
    .argument('<kid>', 'the key, as "waxseal keys list" names it')
    .addOption(ringOption())
    .option('--reason <text>', 'why, for the record in the ring')
    .allowUnknownOption()
    .action(async (kid: string, { reason, ...option }: RingOption & { reason?: string }) => {
      const now = systemClock();
      const { path, before, after } = await changeNamedRing(option, now, async ({ pairs }) => {
        const revoked = revoke(pairs, kid, now, reason);
        // Where the key would have minted, now or later, another takes its place.
        const gap = mintsUntil(revoked.map(lifeOf), now) < mintsUntil(pairs.map(lifeOf), now);
        return { pairs: gap ? await rotate(revoked, { now, activateIn: ACTIVATE_IN, lifetime: DEFAULT_KEY_LIFETIME }) : revoked };
      });
      const since = utc(before.pairs.find(({ secret }) => secret.kid === kid)?.secret.nbf ?? now);
      process.stdout.write(
        `Revoked key "${kid}" in ${path}: no handle sealed with it since ${since} opens any more, once every replica has this ring.\n`,
      );
      const added = after.pairs.find(({ secret }) => !before.pairs.some((pair) => pair.secret.kid === secret.kid));
      if (added !== undefined) process.stdout.write(`${takeover(added.secret, now)}, in its place.\n`);
      process.stdout.write(
        `If the key was stolen: handles that were made with it may have been re-issued under another key. Start every replica with --not-before ${utc(now + THEFT_MARGIN)} or later, once all have this ring.\n`,
      );
    });
}
