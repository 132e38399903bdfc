import { Command } from 'commander';
import { defaultWalletFile } from '../wallet/store.ts';
import { UsageError } from './io/output.ts';

interface Options {
  readonly file?: string;
  readonly ephemeral?: true;
  readonly header?: readonly string[];
}

/**
 * The environment variable for headers with secrets. `--header` is less safe: all users of a machine see command lines.
 */
const HEADERS = 'WAXSEAL_WALLET_HEADERS';

const EXAMPLES = `
Examples:
  waxseal wallet https://mcp.example.com/mcp
  waxseal wallet --header 'Authorization: Bearer \${MCP_TOKEN}' https://mcp.example.com/mcp
  waxseal wallet -- npx mcp-remote https://mcp.example.com/mcp
  waxseal wallet -- node server.js --some-flag

The wallet sends a handle only to the server that issued it. It recognizes a server by its URL, or by its command,
arguments and working directory. Give each server its own --file if an environment variable tells the command which
server to use. Give each account its own --file if you use two accounts on one server.

Environment:
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY  the proxy for a URL: http://USER:PASSWORD@HOST:PORT
  NO_PROXY                            hosts (with their subdomains), addresses and address ranges that need no proxy
These names may also be in lower case.

Exit codes: 0 good, 1 the server's command could not be started, or ended by itself, 2 wrong use.`;

/** Makes `waxseal wallet`, an MCP server on standard input and output that relays to another server. */
export function walletCommand(): Command {
  return new Command('wallet')
    .description('relay to an MCP server, keep its handles, and give the model short aliases')
    .usage('[options] URL\n       waxseal wallet [options] -- COMMAND [ARGUMENT …]')
    .argument('<server...>', 'the URL of a server over HTTP, or -- and the command that starts a server over stdio')
    .option('--file <file>', `the file that keeps the handles between runs (default: ${fileUnlessNamed()})`)
    .option('--ephemeral', 'keep handles in memory only')
    .option(
      '--header <header>',
      `'NAME: VALUE', sent with every request to a URL; \${VAR} inserts an environment variable. May be repeated (env: ${HEADERS}, one header a line)`,
      (header: string, before: readonly string[] = []) => [...before, header],
    )
    .addHelpText('after', EXAMPLES)
    .action(async (server: string[], { file, ephemeral, header = [] }: Options) => {
      if (file !== undefined && ephemeral) throw new UsageError('--file and --ephemeral exclude each other.');
      const named = process.argv.includes('--') ? server : urlOf(server);
      if (server[0] === '') throw new UsageError('the command that starts the server is empty. Write: waxseal wallet -- COMMAND …');
      if (file === '') throw new UsageError('--file must name the file for the handles. To keep no file, use --ephemeral.');
      const headers = headersIn([...(process.env[HEADERS] ?? '').split('\n').filter((line) => line.trim() !== ''), ...header]);
      if (header.length > 0 && !(named instanceof URL))
        throw new UsageError('--header works only with a URL. Give a command its secrets by its own options or environment variables.');
      const { runWallet } = await import('./io/wallet-pipe.ts');
      await runWallet(named, headers, { file, ephemeral });
    });
}

/** Returns the default file for the help text, even without a home directory. */
function fileUnlessNamed(): string {
  try {
    return defaultWalletFile();
  } catch {
    return 'none, because there is no home directory';
  }
}

/** A variable in a header: `${NAME}`, or as editors and shells write it, `${env:NAME}` and `${NAME:-DEFAULT}`. */
const VARIABLE = /\$\{(?:env:)?(\w+)(?::-([^}]*))?\}/g;

/** A variable in a form that nobody replaced. A `$` inside a word may belong to a password. */
const LEFT_OVER = /\$\{|\{\{|(?<!\S)\$[A-Za-z_]\w*(?!\S)/;

/**
 * Reads lines of the form `NAME: VALUE`. @throws {UsageError} if a line has another form; the message omits the value
 */
function headersIn(lines: readonly string[]): Headers {
  const headers = new Headers();
  for (const [index, line] of lines.entries()) {
    const title = `header ${index + 1}`;
    const [, name = '', value = ''] = /^([^:]+):(.*)$/s.exec(line) ?? [];
    if (LEFT_OVER.test(value.replace(VARIABLE, ''))) {
      throw new UsageError(`${title} contains a variable in a form that the wallet does not read. Write: \${NAME}, or \${NAME:-DEFAULT}`);
    }
    const filled = value.replace(VARIABLE, (_whole, variable: string, otherwise?: string) => valueOfVariable(variable, otherwise, title));
    try {
      headers.append(name.trim(), filled.trim());
    } catch {
      throw new UsageError(`${title} must have the form NAME: VALUE, with the characters that HTTP allows.`);
    }
  }
  return headers;
}

/** Returns the value of an environment variable. @throws {UsageError} if it is not set, and there is no default */
function valueOfVariable(name: string, otherwise: string | undefined, title: string): string {
  const value = process.env[name];
  if (otherwise !== undefined) return value || otherwise;
  if (value === undefined) throw new UsageError(`a header uses the environment variable ${name}, which is not set.`);
  if (value === '') process.stderr.write(`waxseal wallet: ${title} uses the environment variable ${name}, which is empty.\n`);
  return value;
}

/**
 * Reads the server's URL, without its fragment.
 *
 * @throws {UsageError} if it is not a single http or https URL, or has a user name or a password
 */
function urlOf([text = '', ...surplus]: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (surplus.length > 0 || url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    const what = JSON.stringify([text, ...surplus].join(' '));
    throw new UsageError(`${what} is not an http or https URL. To start a command, write: waxseal wallet -- COMMAND …`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      'the URL must not contain a user name or a password. Use --header, or let the wallet start a program that obtains the authorization: waxseal wallet -- COMMAND …',
    );
  }
  url.hash = '';
  return url;
}
