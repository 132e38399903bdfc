import { Command } from 'commander';
import { readSettings } from '../server/config/config.ts';
import { Settings } from '../server/config/settings.ts';
import { UsageError, writeLines } from './io/output.ts';

/** How long to wait for the server's response, in milliseconds. */
const TIMEOUT_MS = 5_000;

const EXAMPLES = `
Examples:
  waxseal health                                   asks /readyz on this machine, on the port in WAXSEAL_PORT or PORT
  waxseal health http://127.0.0.1:3000/healthz     asks only whether the process is alive
  waxseal health localhost:3000                    asks /readyz on this machine, on port 3000
  waxseal health https://mcp.example.com           asks /readyz on mcp.example.com
  waxseal health https://example.com/api/mcp       asks /api/readyz, behind a proxy that puts the server at /api

Exit codes: 0 healthy, 1 not healthy, no health endpoint there, or no response within 5 seconds, 2 wrong use.`;

/** Makes `waxseal health`, for containers and service managers without curl. */
export function healthCommand(): Command {
  return new Command('health')
    .description('ask a server whether it is ready to serve')
    .argument(
      '[url]',
      "the server's URL; unless it ends with /readyz or /healthz, the command asks /readyz beside /mcp (default: the server on this machine)",
    )
    .addHelpText('after', EXAMPLES)
    .action(async (named?: string) => {
      const url = named === undefined ? ownUrl() : urlOf(named);
      const { isHealthy, text } = await ask(url);
      await writeLines([`${url.href}: ${text}`]);
      if (!isHealthy) process.exitCode = 1;
    });
}

/** Returns the URL of `/readyz` on the configured server. A server on all addresses also listens on loopback. */
function ownUrl(): URL {
  const { host, port } = readSettings(Settings.pick({ host: true, port: true }), {}, process.env);
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new URL(`http://${name.includes(':') ? `[${name}]` : name}:${port}/readyz`);
}

/** The paths of a server, behind the prefix that a proxy may add. */
const PATH = /^(?<prefix>.*?)(?:\/(?<name>mcp|readyz|healthz))?\/*$/;

/** Matches a hostname with a port, with or without a path. Other texts without a scheme leave the port open. */
const WITHOUT_SCHEME = /^(?:[^\s/:@]+|\[[^\s/@]+\]):[0-9]+(?:\/|$)/;

/**
 * Returns the URL of the health endpoint. A server has it beside `/mcp`, so both have the same prefix if a proxy adds one.
 *
 * @throws {UsageError} if the text is not an http or https URL. The message omits the text: it may have a
 *   password.
 */
function urlOf(text: string): URL {
  const whole = WITHOUT_SCHEME.test(text) ? `http://${text}` : text;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new UsageError('the URL of the server must be an http or https URL without user name and password, e.g. http://127.0.0.1:3000');
  }
  const { prefix = '', name } = PATH.exec(url.pathname)?.groups ?? {};
  if (name === 'readyz' || name === 'healthz') return url;
  const found = new URL(url.origin);
  found.pathname = `${prefix}/readyz`;
  return found;
}

/** What to do if something else answers at the URL. */
const NOT_HERE =
  "this is not the health endpoint of a Waxseal server. Name the endpoint's own URL, or the one of the server behind the proxy, e.g. http://127.0.0.1:3000/readyz";

/**
 * Asks a server. Returns whether it is healthy, and one line about the response. A page of another program can answer 200
 * at any path, so only an answer in the form of a health endpoint counts.
 *
 * @throws {Error} if there is no response
 */
async function ask(url: URL): Promise<{ isHealthy: boolean; text: string }> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const { status, reason, warning } = Object(await answer.json().catch(() => ({}))) as Record<string, unknown>;
    const said = [status, reason, warning].filter((word) => typeof word === 'string').join(': ');
    if (typeof status === 'string') return { isHealthy: answer.status === 200, text: said };
    const isElsewhere = answer.status < 400 || answer.status === 404 || answer.status === 405;
    return { isHealthy: false, text: `answered ${answer.status}${isElsewhere ? `, so ${NOT_HERE}` : ''}` };
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: { code?: string; message?: string } };
    const why = name === 'TimeoutError' ? ` within ${TIMEOUT_MS / 1000} s` : `: ${cause?.code ?? cause?.message ?? name}`;
    throw new Error(`no response from ${url.origin}${why}`);
  }
}
