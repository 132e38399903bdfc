/** The program of the desktop bundle. It starts the wallet: `node wallet.mjs URL`. */
import 'zod/compile';
import { CommanderError } from 'commander';
import { exitWith } from '../../dist/cli/io/output.js';
import { walletCommand } from '../../dist/cli/wallet.js';

try {
  await walletCommand().exitOverride().parseAsync();
} catch (error) {
  // Commander has already printed the error.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else exitWith(error);
}
