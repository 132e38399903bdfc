import { Command } from 'commander';
import { exportCommand } from './export.ts';
import { generateCommand } from './generate.ts';
import { listCommand } from './list.ts';
import { revokeCommand } from './revoke.ts';
import { rotateCommand } from './rotate.ts';

export function keysCommand(): Command {
  const keys = new Command('keys').description('make and maintain the key ring that seals handles');
  for (const command of [generateCommand(), listCommand(), rotateCommand(), revokeCommand(), exportCommand()]) keys.addCommand(command);
  return keys;
}
