/** The wallet alone, as a desktop bundle starts it: `node wallet.mjs URL`. */
import 'zod/compile';
import { CommanderError } from 'commander';
import { exitWith } from '../../dist/cli/io/output.js';
import { walletCommand } from '../../dist/cli/wallet.js';

try {
  await walletCommand().exitOverride().parseAsync();
} catch (error) {
  // Commander has already written what it had to say.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else exitWith(error);
}
