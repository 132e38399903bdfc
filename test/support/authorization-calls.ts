/** Makes calls with access tokens, and starts servers that require access tokens. */
import { createServer } from 'node:net';
import type { AuthorizationServer } from './authorization-server.ts';
import { type Answer, exchange, type Outgoing, toolCall } from './mcp.ts';
import { type RunningServer, startServer } from './program.ts';
import { until } from './wait.ts';

/** A server that requires access tokens. */
export interface ProtectedServer extends RunningServer {
  /** The server's own URI. The server must really serve at this URI, because clients compare the audience with the URL. */
  readonly audience: string;
}

/** Starts `waxseal serve` with authorization. The audience contains the port, so this function chooses a port first. */
export async function startProtected(
  { issuer }: Pick<AuthorizationServer, 'issuer'>,
  keys: string,
  args: readonly string[] = [],
): Promise<ProtectedServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const audience = `http://127.0.0.1:${port}/mcp`;
    const authorization = ['--auth-issuer', issuer, '--auth-audience', audience];
    try {
      const server = await startServer(['--keys', keys, '--port', String(port), ...authorization, ...args]);
      return { ...server, audience };
    } catch (error) {
      // Another process may have taken the port meanwhile.
      if (attempt === 3 || !(error as Error).message.includes('is taken')) throw error;
    }
  }
}

/** Returns a port on which nothing listened a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** Returns a request with or without an access token. */
export function bearing(token: string | undefined, request: Outgoing): Outgoing {
  return token === undefined ? request : { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

/**
 * Sends a request, and repeats it while the answer is 503. A server on a busy machine may answer 503 before it checks the
 * token, but these tests need the result of the check.
 */
export async function patiently<T extends { readonly status: number }>(send: () => Promise<T>): Promise<T> {
  let answer: T | undefined;
  await until('the server had time', async () => {
    answer = await send();
    return answer.status !== 503;
  });
  return answer as T;
}

/** Calls a tool as the caller whom the token names. @returns the answer of the tool */
export async function callAs(token: string | undefined, url: string, name: string, args: Record<string, unknown>): Promise<Answer> {
  const { status, message } = await patiently(() => exchange(url, bearing(token, toolCall(name, args))));
  if (message.result === undefined) throw new Error(`${name} was answered ${status}: ${JSON.stringify(message)}`);
  return message.result as Answer;
}

/** Starts a task as the caller whom the token names. @returns the handle */
export async function startTask(token: string | undefined, url: string, topic = 'wax and seals'): Promise<string> {
  return (await callAs(token, url, 'start_research_task', { topic })).structuredContent.handle;
}

/** A refusal, as a client sees it. */
export interface Refusal {
  readonly status: number;
  /** The parameters of the challenge in `WWW-Authenticate`; empty if there is no challenge. */
  readonly challenge: Readonly<Record<string, string>>;
  /** The whole body. */
  readonly body: string;
}

/** Sends a request that the server must refuse. */
export async function refusalOf(url: string, request: Outgoing): Promise<Refusal> {
  const response = await patiently(() => fetch(url, { ...request }));
  const challenge = response.headers.get('www-authenticate') ?? '';
  const parameters = challenge.startsWith('Bearer ') ? [...challenge.matchAll(/([a-z_]+)="([^"]*)"/g)] : [];
  return {
    status: response.status,
    challenge: Object.fromEntries(parameters.map(([, name = '', value = '']) => [name, value])),
    body: await response.text(),
  };
}
