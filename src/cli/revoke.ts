import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { authenticate, CLOCK_SKEW, HandleError, subjectClaim, systemClock, utc } from '../handle/index.ts';
import { lastExpiry, MAX_REVOCATIONS, openingKey, parseRing, type Revoked, withRevocation } from '../keys/index.ts';
import { LONGEST_HANDLE } from '../scan/find.ts';
import { printable } from '../scan/words.ts';
import { UsageError } from './io/output.ts';
import { changeNamedRing, type RingOption, requireRing, ringFileOption, sizeWarning } from './io/ring.ts';

interface Options extends RingOption {
  readonly subject?: readonly string[];
}

const MORE = `
TASK is the id of a task, which logs and handle_info show, or one of its handles. For -, the command reads TASK from
standard input, which other users of this machine cannot see. Servers then refuse every handle of the task, delegated
ones included.

ISSUER and SUBJECT name a caller: the claims iss and sub of the caller's access token. Servers then refuse all handles of
this caller, who also cannot start a task.

The revocation takes effect once every replica has the ring. A server notices within seconds that the ring's file has
changed. A server with the ring in an environment variable must be restarted. For a revoked handle, a server answers
with the same error as for any other handle that is not valid.

The ring keeps the revocation until all revoked handles have expired: for 30 days. If TASK is a handle that is not
delegated, the revocation ends when this handle expires.

Examples:
  waxseal revoke 5rJ0q8YVb1xw2kQd --keys ring.jwks
  waxseal revoke - --keys ring.jwks < handle.txt
  waxseal revoke --subject https://login.example.com/ 00u1a2b3c4 --keys ring.jwks

Exit codes: 0 good, 1 not valid or failed, 2 wrong use. To revoke a key: waxseal keys revoke KID`;

const TASK_ID = /^[A-Za-z0-9_-]{16}$/;
const FORMS = 'waxseal revoke TASK, or waxseal revoke --subject ISSUER SUBJECT';
const MEANT = `say what to revoke: ${FORMS}`;

/** Makes `waxseal revoke`. It allows unknown options, because one task id in 64 begins with a dash. */
export function revokeCommand(): Command {
  return new Command('revoke')
    .description('revoke one task or one caller, so that servers refuse all its handles')
    .usage('[options] TASK\n       waxseal revoke [options] --subject ISSUER SUBJECT')
    .argument('[task]', 'the id of a task, or one of its handles; - for standard input')
    .option('--subject <names...>', "a caller: the issuer, and the issuer's name for the caller")
    .addOption(ringFileOption())
    .addHelpText('after', MORE)
    .allowUnknownOption()
    .action(async (argument: string | undefined, { subject: names, ...option }: Options) => {
      const now = systemClock();
      const [task, subject] = names?.length === 1 && argument !== undefined ? [undefined, [...names, argument]] : [argument, names];
      if (task !== undefined && /^-./.test(task) && !TASK_ID.test(task))
        throw new UsageError(`unknown option '${printable(task)}': ${MEANT}`);
      const { revoked, until, named } = await whatTo(task, subject, option, now);
      const { path, after } = await changeNamedRing(option, now, async ({ revocations }) => ({
        revocations: withRevocation(revocations, revoked, now, until),
      }));
      const { tasks, subjects } = after.revocations;
      process.stdout.write(
        `Revoked all handles of ${printable(named)} in ${path} until ${utc(until)}. Once every replica has this ring, servers refuse these handles.\n` +
          `The ring holds ${tasks.size + subjects.size} of ${MAX_REVOCATIONS} revocations.\n`,
      );
      const warning = sizeWarning(after);
      if (warning !== undefined) process.stderr.write(`Note: ${warning}\n`);
    });
}

/** The revocation to make. */
interface Order {
  readonly revoked: Revoked;
  /** When the revocation ends. Seconds since 1970. */
  readonly until: number;
  /** What the output calls the task or the caller. */
  readonly named: string;
}

async function whatTo(task: string | undefined, subject: readonly string[] | undefined, option: RingOption, now: number): Promise<Order> {
  if (task === undefined && subject === undefined) throw new UsageError(MEANT);
  if (task !== undefined && subject !== undefined) {
    throw new UsageError(`this command revokes a task or a caller, not both at once. Call it twice: ${FORMS}`);
  }
  const until = lastExpiry(now);
  if (subject !== undefined) {
    const [issuer = '', name = '', ...surplus] = subject;
    // An unset variable would name a caller who does not exist, and the real caller would not be revoked.
    if (issuer === '' || name === '' || surplus.length > 0) {
      throw new UsageError(
        '--subject takes two names, the issuer and the subject, and neither may be empty: --subject https://login.example.com/ 00u1a2b3c4',
      );
    }
    const sub = await subjectClaim({ issuer, subject: name });
    return { revoked: { sub }, until, named: `the caller ${JSON.stringify(name)} of ${issuer} (sub ${sub})` };
  }
  const given = (task === '-' ? await text(process.stdin) : (task as string)).trim();
  if (TASK_ID.test(given)) return { revoked: { jti: given }, until, named: `task ${given}` };
  const { jti, exp, scp } = await claimsOf(given, option, now);
  // A delegated handle may expire before its task, so its expiry does not say when the revocation can end.
  if (scp !== undefined) return { revoked: { jti }, until, named: `task ${jti}` };
  if (!(now < exp)) throw new UsageError(`the handle and its whole task expired at ${utc(exp)}: there is nothing to revoke.`);
  return { revoked: { jti }, until: exp + CLOCK_SKEW, named: `task ${jti}` };
}

/** Opens the handle with the named ring. @throws {UsageError} if the ring does not open it */
async function claimsOf(handle: string, option: RingOption, now: number) {
  const ring = await requireRing(option, parseRing);
  try {
    return (await authenticate(handle, (kid) => openingKey(ring, kid, now), LONGEST_HANDLE)).claims;
  } catch (error) {
    if (!(error instanceof HandleError)) throw error;
    throw new UsageError(
      `TASK must be the id of a task (16 characters of A-Z a-z 0-9 _ -) or a handle that this ring opens. The given text is neither: ${error.message}`,
    );
  }
}
