import { Command } from 'commander';
import { defaultWalletFile } from '../wallet/store.ts';
import { UsageError } from './io/output.ts';

interface Options {
  readonly file?: string;
  readonly ephemeral?: true;
  readonly header: readonly string[];
}

/** Headers from the environment: what is on a command line, every user of the machine can read. */
const HEADERS = 'WAXSEAL_WALLET_HEADERS';

const EXAMPLES = `
Examples:
  waxseal wallet https://mcp.example.com/mcp
  waxseal wallet --header 'Authorization: Bearer \${MCP_TOKEN}' https://mcp.example.com/mcp
  waxseal wallet -- npx mcp-remote https://mcp.example.com/mcp
  waxseal wallet -- node server.js --some-flag

Handles go back to the server that they came from, and to no other: one URL, or one command with its arguments in one
working directory. A command that is told its server by an environment variable needs a --file for each server, and so
do two accounts on one server.

Environment: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names the proxy to reach a URL through, as http://USER:PASSWORD@HOST:PORT;
NO_PROXY names hosts, with all names below them, addresses and ranges that are reached without. Lower case works, too.

Exit codes: 0 good, 1 the command could not be started or ended by itself, 2 wrong use.`;

/** `waxseal wallet`: an MCP server over standard input and output, before another one, that keeps its handles and passes on aliases. */
export function walletCommand(): Command {
  return new Command('wallet')
    .description('stand before an MCP server, keep its handles, and give the model short aliases')
    .usage('[options] URL\n       waxseal wallet [options] -- COMMAND [ARGUMENT …]')
    .argument('<server...>', 'the URL of a server over HTTP, or -- and the command that starts a server over stdio')
    .option('--file <file>', `where handles are kept, also between runs (default: ${fileUnlessNamed()})`)
    .option('--ephemeral', 'keep handles in memory only')
    .option(
      '--header <header>',
      `'NAME: VALUE', sent with every request to a URL; \${VAR} in it stands for an environment variable. May be repeated (env: ${HEADERS}, a line each)`,
      (header: string, before: readonly string[]) => [...before, header],
      [] as readonly string[],
    )
    .addHelpText('after', EXAMPLES)
    .action(async (server: string[], { file, ephemeral, header }: Options) => {
      if (file !== undefined && ephemeral) throw new UsageError('--file and --ephemeral exclude each other.');
      const named = process.argv.includes('--') ? server : urlOf(server);
      const headers = headersIn([...(process.env[HEADERS] ?? '').split('\n').filter((line) => line.trim() !== ''), ...header]);
      if (header.length > 0 && !(named instanceof URL)) throw new UsageError('--header is for a URL; a command has its own ways.');
      const { runWallet } = await import('./io/wallet-pipe.ts');
      await runWallet(named, headers, { file, ephemeral });
    });
}

/** For people who ask for help, also where there is no place. */
function fileUnlessNamed(): string {
  try {
    return defaultWalletFile();
  } catch {
    return 'none, for there is no home directory';
  }
}

/** @param lines as `NAME: VALUE` @throws {UsageError}, which shows no value */
function headersIn(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const [index, line] of lines.entries()) {
    const [, name = '', value = ''] = /^([^:]+):(.*)$/s.exec(line) ?? [];
    try {
      headers.append(name.trim(), value.replace(/\$\{(\w+)\}/g, (_whole, variable: string) => requireVariable(variable)).trim());
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw new UsageError(`header ${index + 1} is not NAME: VALUE as HTTP has it.`);
    }
  }
  return headers;
}

/** @throws {UsageError} */
function requireVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new UsageError(`the environment variable ${name}, which a header names, is not set.`);
  return value;
}

/** @throws {UsageError} */
function urlOf([text = '', ...surplus]: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (surplus.length > 0 || url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    const what = JSON.stringify([text, ...surplus].join(' '));
    throw new UsageError(`${what} is no http or https URL. A command comes after two dashes: waxseal wallet -- COMMAND …`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'the URL must not contain a user or a password. Put a bridge that authorizes behind the wallet: waxseal wallet -- COMMAND …',
    );
  }
  url.hash = '';
  return url;
}
