/** Calls with access tokens, and servers that require them. */
import { createServer } from 'node:net';
import type { AuthorizationServer } from './authorization-server.ts';
import { type Answer, exchange, type Outgoing, toolCall } from './mcp.ts';
import { type RunningServer, startServer } from './program.ts';
import { until } from './wait.ts';

/** A server that requires access tokens. */
export interface ProtectedServer extends RunningServer {
  /** The server's own URI. The server must really serve at this URI: clients compare the audience with the URL. */
  readonly audience: string;
}

/** Starts `waxseal serve` with authorization. The port is chosen first, because the audience contains it. */
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
      // Another process may have taken the port.
      if (attempt === 3 || !(error as Error).message.includes('is taken')) throw error;
    }
  }
}

/** A port on which nothing listened a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export function bearing(token: string | undefined, request: Outgoing): Outgoing {
  return token === undefined ? request : { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

/** Repeats a request while the answer is 503, because a busy server may answer 503 before it checks the token. */
export async function patiently<T extends { readonly status: number }>(send: () => Promise<T>): Promise<T> {
  let answer: T | undefined;
  await until('the server had time', async () => {
    answer = await send();
    return answer.status !== 503;
  });
  return answer as T;
}

/** Calls a tool with a token. @returns the tool's answer */
export async function callAs(token: string | undefined, url: string, name: string, args: Record<string, unknown>): Promise<Answer> {
  const { status, message } = await patiently(() => exchange(url, bearing(token, toolCall(name, args))));
  if (message.result === undefined) throw new Error(`${name} was answered ${status}: ${JSON.stringify(message)}`);
  return message.result as Answer;
}

/** Starts a task with a token. @returns the handle */
export async function startTask(token: string | undefined, url: string, topic = 'wax and seals'): Promise<string> {
  return (await callAs(token, url, 'start_research_task', { topic })).structuredContent.handle;
}

/** A refusal, as a client sees it. */
export interface Refusal {
  readonly status: number;
  /** The parameters of `WWW-Authenticate`; empty without that header. */
  readonly challenge: Readonly<Record<string, string>>;
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
