#!/usr/bin/env node
// First: schemas that are made after it, the SDK's among them, are compiled when they are first used.
import 'zod/compile';
import { Command, CommanderError } from 'commander';
import { auditCommand } from './audit.ts';
import { healthCommand } from './health.ts';
import { initCommand } from './init/init.ts';
import { inspectCommand } from './inspect.ts';
import { exitWith } from './io/output.ts';
import { VERSION } from './io/server.ts';
import { exportCommand } from './keys/export.ts';
import { generateCommand } from './keys/generate.ts';
import { listCommand } from './keys/list.ts';
import { revokeCommand } from './keys/revoke.ts';
import { rotateCommand } from './keys/rotate.ts';
import { redactCommand } from './redact.ts';
import { revokeCommand as revokeTaskCommand } from './revoke.ts';
import { serveCommand } from './serve.ts';
import { stdioCommand } from './stdio.ts';
import { toolsCommand } from './tools.ts';
import { walletCommand } from './wallet.ts';

const keys = new Command('keys').description('make and keep the key ring that handles are sealed with');
for (const command of [generateCommand(), listCommand(), rotateCommand(), revokeCommand(), exportCommand()]) keys.addCommand(command);

const program = new Command('waxseal')
  .description('An MCP server that keeps no store: every task lives in a signed and encrypted handle.')
  .version(VERSION, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  // Else an id that begins with -V, behind a command, would ask for the version.
  .enablePositionalOptions()
  .showHelpAfterError('(--help tells what there is)')
  .addHelpText('after', '\nExit codes: 0 good, 1 not valid or failed, 2 wrong use.');
for (const command of [
  serveCommand(),
  stdioCommand(),
  healthCommand(),
  initCommand(),
  toolsCommand(),
  keys,
  revokeTaskCommand(),
  inspectCommand(),
  auditCommand(),
  redactCommand(),
  walletCommand(),
])
  program.addCommand(command);

/** Commander's own errors, of every command, are thrown instead of ending the process with its code. */
function throwErrors(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwErrors);
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

throwErrors(program);
try {
  await program.parseAsync();
} catch (error) {
  // Commander has already written what it had to say.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else exitWith(error);
}
