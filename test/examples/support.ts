/** Starts the examples as people start them, and connects clients to them. */
import { spawn } from 'node:child_process';
import { Client, type ElicitResult, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { atEndOfFile } from '../support/cleanup.ts';
import { MODERN } from '../support/mcp.ts';
import { until } from '../support/wait.ts';

export interface Served {
  readonly url: string;
  /** Kills the process and waits for its end. */
  kill(): Promise<void>;
}

/**
 * Starts a server's script on a free port, and waits until it prints its URL.
 *
 * @param keys the path of the key ring
 */
export async function startScript(script: string, keys: string, cwd?: string): Promise<Served> {
  const env = { PATH: process.env['PATH'], PORT: '0', WAXSEAL_KEYS_FILE: keys };
  const child = spawn(process.execPath, [script], { env, ...(cwd !== undefined && { cwd }) });
  let printed = '';
  const keep = (text: string) => {
    printed += text;
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  let over = false;
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      over = true;
      resolve();
    }),
  );
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
    hasEnded();
  };
  const hasEnded = atEndOfFile(kill);
  const url = () => /serves MCP at (http:\/\/[^"\s]+\/mcp)/.exec(printed)?.[1];
  await until(`${script} said where it serves`, () => over || url() !== undefined);
  const found = url();
  if (found === undefined) throw new Error(`${script} ended: ${printed}`);
  return { url: found, kill };
}

export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly handle: string;
  /** The code of an execution error. */
  readonly code: string | undefined;
}

export interface Connected {
  readonly client: Client;
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
}

/** A user at a client. The function gets the message of a form, and returns the user's answer. */
export type User = (message: string) => ElicitResult | Promise<ElicitResult>;

/**
 * Connects a client of the SDK. If the client has a user, a server can ask this user questions.
 *
 * @param url the server's URL; a function if the URL can change
 */
export async function connect(url: string | (() => string), user?: User): Promise<Connected> {
  const at = typeof url === 'function' ? url : () => url;
  const client = new Client(
    { name: 'waxseal-test', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: MODERN } }, capabilities: user === undefined ? {} : { elicitation: { form: {} } } },
  );
  if (user !== undefined) client.setRequestHandler('elicitation/create', async ({ params: { message } }) => user(message));
  await client.connect(new StreamableHTTPClientTransport(new URL(at()), { fetch: (_url, init) => fetch(at(), init) }));
  atEndOfFile(() => client.close());
  return {
    client,
    call: async (name, args = {}) => {
      const { isError = false, content, structuredContent = {} } = await client.callTool({ name, arguments: args });
      const fields = structuredContent as { handle?: string; error?: { code: string } };
      const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
      return { isError, text, fields: { ...fields }, handle: fields.handle ?? '', code: fields.error?.code };
    },
  };
}
