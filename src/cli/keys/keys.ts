import { Command } from 'commander';
import { exportCommand } from './export.ts';
import { generateCommand } from './generate.ts';
import { listCommand } from './list.ts';
import { revokeCommand } from './revoke.ts';
import { rotateCommand } from './rotate.ts';

/** `waxseal keys`: what is done with a key ring, a command each. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('make and keep the key ring that handles are sealed with');
  for (const command of [generateCommand(), listCommand(), rotateCommand(), revokeCommand(), exportCommand()]) keys.addCommand(command);
  return keys;
}
