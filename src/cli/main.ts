#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { printableLines } from '../scan/words.ts';
import { exitWith } from './io/output.ts';
import { VERSION } from './io/version.ts';

/** The commands, in the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand(),
  stdio: async () => (await import('./stdio.ts')).stdioCommand(),
  health: async () => (await import('./health.ts')).healthCommand(),
  init: async () => (await import('./init/init.ts')).initCommand(),
  tools: async () => (await import('./tools.ts')).toolsCommand(),
  keys: async () => (await import('./keys/keys.ts')).keysCommand(),
  revoke: async () => (await import('./revoke.ts')).revokeCommand(),
  inspect: async () => (await import('./inspect.ts')).inspectCommand(),
  audit: async () => (await import('./audit.ts')).auditCommand(),
  redact: async () => (await import('./redact.ts')).redactCommand(),
  wallet: async () => (await import('./wallet.ts')).walletCommand(),
};

/** Commands without zod schemas. They start sooner, because they do not load zod. */
const WITHOUT_SCHEMAS: readonly string[] = ['redact'];

/** Loads only the named command, so that it starts sooner. For the help or a misspelt name, it loads all. */
async function commandsFor([named = '']: readonly string[]): Promise<readonly Command[]> {
  // This import comes before the commands and the SDK, because it affects only the schemas that are made after it.
  if (!WITHOUT_SCHEMAS.includes(named)) await import('./io/used-schemas.ts');
  const wanted = Object.entries(COMMANDS).filter(([name]) => name === named);
  return Promise.all((wanted.length > 0 ? wanted : Object.entries(COMMANDS)).map(([, load]) => load()));
}

const program = new Command('waxseal')
  .description('An MCP server that keeps no store: every task lives in a signed and encrypted handle.')
  .version(VERSION, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  // Without this, the id of a task or key that begins with -V would print the version.
  .enablePositionalOptions()
  .addHelpText('after', '\nExit codes: 0 good, 1 not valid or failed, 2 wrong use, 3 done, but something could not be decided.');
for (const command of await commandsFor(process.argv.slice(2))) program.addCommand(command);

/** Commander says of `--json=true` that the option is unknown. But the option exists, and only its value is wrong. */
function aboutValue(command: Command, text: string): string {
  const [whole = '', name] = /unknown option '(--[\w-]+)=.*'/.exec(text) ?? [];
  const isFlag = command.options.some(({ long, required, optional }) => long === name && !required && !optional);
  return isFlag ? text.replace(whole, `option '${name}' takes no value: write ${name} alone, or leave it out`) : text;
}

/**
 * Makes Commander throw errors instead of ending the process. The errors name the program and mention the help. They
 * may quote control characters from the command line, which are escaped, so that the terminal does not obey them.
 */
function prepareErrors(command: Command): void {
  command.exitOverride();
  command.showHelpAfterError('(--help lists the commands, arguments and options)');
  command.configureOutput({
    outputError: (text, write) => write(printableLines(aboutValue(command, text).replace(/^error: /, 'waxseal: '))),
  });
  command.commands.forEach(prepareErrors);
}

// A reader that closes the pipe early (`| head`) is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

prepareErrors(program);
try {
  await program.parseAsync();
} catch (error) {
  // Commander has already written its message.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else exitWith(error);
}
