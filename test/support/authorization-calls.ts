/** Calls with access tokens, and servers that ask for them. */
import { createServer } from 'node:net';
import type { AuthorizationServer } from './authorization-server.ts';
import { type Answer, exchange, type Outgoing, toolCall } from './mcp.ts';
import { type RunningServer, startServer } from './program.ts';
import { until } from './wait.ts';

/** A server that asks for access tokens. */
export interface ProtectedServer extends RunningServer {
  /** Its own URI: where it really serves, so that clients find what they expect. */
  readonly audience: string;
}

/** Starts `waxseal serve` with authorization. The audience must be known before it listens, hence the port is chosen here. */
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
      // Somebody else may have been quicker.
      if (attempt === 3 || !(error as Error).message.includes('is taken')) throw error;
    }
  }
}

/** A port that nobody listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** A request with an access token, or without one. */
export function bearing(token: string | undefined, request: Outgoing): Outgoing {
  return token === undefined ? request : { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

/**
 * Sends, and sends again while the answer is 503: a server that a busy machine leaves without time says so before it
 * looks at who calls, and what these tests ask is what it says then.
 */
export async function patiently<T extends { readonly status: number }>(send: () => Promise<T>): Promise<T> {
  let answer: T | undefined;
  await until('the server had time', async () => {
    answer = await send();
    return answer.status !== 503;
  });
  return answer as T;
}

/** Calls a tool as whoever the token names, and gives its answer. */
export async function callAs(token: string | undefined, url: string, name: string, args: Record<string, unknown>): Promise<Answer> {
  const { status, message } = await patiently(() => exchange(url, bearing(token, toolCall(name, args))));
  if (message.result === undefined) throw new Error(`${name} was answered ${status}: ${JSON.stringify(message)}`);
  return message.result as Answer;
}

/** Starts a task as whoever the token names, and gives its handle. */
export async function startTask(token: string | undefined, url: string, topic = 'wax and seals'): Promise<string> {
  return (await callAs(token, url, 'start_research_task', { topic })).structuredContent.handle;
}

/** A refusal, as the client sees it. */
export interface Refusal {
  readonly status: number;
  /** The parameters of the challenge; empty where there is none. */
  readonly challenge: Readonly<Record<string, string>>;
  /** The whole of the body. */
  readonly body: string;
}

/** Sends a request that is to be refused. */
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
