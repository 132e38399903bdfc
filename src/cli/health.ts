import { Command } from 'commander';
import { readSettings } from '../server/config/config.ts';
import { Settings } from '../server/config/settings.ts';
import { UsageError } from './io/output.ts';

/** How long to wait for the server's response, in milliseconds. */
const TIMEOUT_MS = 5_000;

const EXAMPLES = `
Examples:
  waxseal health                                   asks /readyz on this machine, on the port in WAXSEAL_PORT or PORT
  waxseal health http://127.0.0.1:3000/healthz     asks only whether the process is alive
  waxseal health https://mcp.example.com           asks /readyz on mcp.example.com

Exit codes: 0 healthy, 1 not healthy or no response within 5 seconds, 2 wrong use.`;

/** Makes `waxseal health`, for containers and service managers without curl. */
export function healthCommand(): Command {
  return new Command('health')
    .description('ask a server whether it is ready to serve')
    .argument('[url]', "the server's URL; with no path, or with /mcp, the command asks /readyz (default: the server on this machine)")
    .addHelpText('after', EXAMPLES)
    .action(async (named?: string) => {
      const url = named === undefined ? ownUrl() : urlOf(named);
      const { status, text } = await ask(url);
      process.stdout.write(`${url.href}: ${text}\n`);
      if (status !== 200) process.exitCode = 1;
    });
}

/** Returns the URL of `/readyz` on the configured server. A server on all addresses also listens on loopback. */
function ownUrl(): URL {
  const { host, port } = readSettings(Settings.pick({ host: true, port: true }), {}, process.env);
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new URL(`http://${name.includes(':') ? `[${name}]` : name}:${port}/readyz`);
}

/** @throws {UsageError} if the text is not an http or https URL. The message omits the text: it may have a password. */
function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new UsageError('the URL of the server must be an http or https URL without user name and password, e.g. http://127.0.0.1:3000');
  }
  return ['/', '/mcp'].includes(url.pathname) ? new URL('/readyz', url) : url;
}

/** Asks a server. Returns the HTTP status and one line about the response. @throws {Error} if there is no response */
async function ask(url: URL): Promise<{ status: number; text: string }> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { status, reason, warning } = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    const said = [status, reason, warning].filter((word) => typeof word === 'string').join(': ');
    return { status: answer.status, text: said === '' ? `answered ${answer.status}` : said };
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: string; message?: string } };
    const why = name === 'TimeoutError' ? ` within ${TIMEOUT_MS / 1000} s` : `: ${cause?.code ?? cause?.message ?? name}`;
    throw new Error(`no response from ${url.origin}${why}`);
  }
}
