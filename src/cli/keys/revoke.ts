import { Command } from 'commander';
import { CLOCK_SKEW, systemClock, utc } from '../../handle/index.ts';
import { DEFAULT_KEY_LIFETIME, lifeOf, mintsUntil, revoke, rotate } from '../../keys/index.ts';
import { changeNamedRing, type RingOption, ringOption } from '../io/ring.ts';
import { ACTIVATE_IN, takeover } from './rotate.ts';

/**
 * A thief may have had handles re-issued until the last replica has the new ring. The `iat` of these handles may be this much
 * later than that moment: twice the clock skew that servers tolerate. Seconds.
 */
const THEFT_MARGIN = 2 * CLOCK_SKEW;

/**
 * Makes `waxseal keys revoke`, which revokes a key and so every handle that the key sealed. The command adds a new key if
 * otherwise no key could mint for a time. It accepts unknown options, because the `kid` of another tool's key may begin with a
 * dash.
 */
export function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke a key: every handle sealed with it stops opening for good')
    .argument('<kid>', 'the key, as "waxseal keys list" names it')
    .addOption(ringOption())
    .option('--reason <text>', 'the reason, which the ring records')
    .allowUnknownOption()
    .action(async (kid: string, { reason, ...option }: RingOption & { reason?: string }) => {
      const now = systemClock();
      const { path, before, after } = await changeNamedRing(option, now, async ({ pairs }) => {
        const revoked = revoke(pairs, kid, now, reason);
        // If the key would have minted, now or later, a new key replaces it.
        const gap = mintsUntil(revoked.map(lifeOf), now) < mintsUntil(pairs.map(lifeOf), now);
        return { pairs: gap ? await rotate(revoked, { now, activateIn: ACTIVATE_IN, lifetime: DEFAULT_KEY_LIFETIME }) : revoked };
      });
      const since = utc(before.pairs.find(({ secret }) => secret.kid === kid)?.secret.nbf ?? now);
      process.stdout.write(
        `Revoked key "${kid}" in ${path}. Once every replica has this ring, no handle that this key sealed since ${since} opens any more.\n`,
      );
      const added = after.pairs.find(({ secret }) => !before.pairs.some((pair) => pair.secret.kid === secret.kid));
      if (added !== undefined) process.stdout.write(`${takeover(added.secret, now)}, in place of "${kid}".\n`);
      process.stdout.write(
        `If the key was stolen: servers may have re-issued a thief's handles under another key. Once every replica has this ring, restart each with --not-before ${utc(now + THEFT_MARGIN)} or later.\n`,
      );
    });
}
