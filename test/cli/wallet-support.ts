/** Hosts with real clients that run `waxseal wallet`. Everything that the model could see is recorded. */
import { Client, type JSONRPCMessage } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioClientTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { atEndOfFile } from '../support/cleanup.ts';
import { type Answer, MODERN } from '../support/mcp.ts';
import { MAIN } from '../support/program.ts';
import { until } from '../support/wait.ts';

/** The version of the SDK that a host's client is made with, and the MCP revision that the client uses. */
export type Kind = 'v2' | 'v2 auto' | 'v2 of 2025' | 'v1';

/** A host behind a wallet. */
export interface Host {
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<Answer>;
  tools(): Promise<string[]>;
  /** Every message from the wallet, as JSON. */
  readonly heard: readonly string[];
  /** The standard error of the wallet, and of the server that it started. */
  readonly stderr: () => string;
  /** The questions that servers asked the user. */
  readonly asked: readonly string[];
  kill(): Promise<void>;
  close(): Promise<void>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { progress: number }) => void;
}

interface AnyClient {
  callTool(params: object, schema?: unknown, options?: CallOptions): Promise<unknown>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  close(): Promise<void>;
}

const me = { name: 'waxseal-test', version: '1.0.0' };
const options = { capabilities: { elicitation: { form: {} } } };
const answer = { action: 'accept' as const, content: { name: 'Ada' } };

/**
 * Connects a client through `waxseal wallet`. Its user answers every question with "Ada".
 *
 * @param args the wallet's arguments
 * @param kind the host's client. The default starts the wallet once. A client that negotiates
 *   the revision starts the wallet twice.
 */
export async function host(args: readonly string[], kind: Kind = 'v2 of 2025', env: Record<string, string> = {}): Promise<Host> {
  const { PATH = '' } = process.env;
  const command = { command: process.execPath, args: [MAIN, 'wallet', ...args], env: { PATH, ...env }, stderr: 'pipe' as const };
  const asked: string[] = [];
  const heard: string[] = [];
  const transport = kind === 'v1' ? new StdioClientTransportV1(command) : new StdioClientTransport(command);
  let stderr = '';
  transport.stderr?.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  const client =
    kind === 'v1'
      ? await connectV1(transport as StdioClientTransportV1, asked)
      : await connectV2(transport as StdioClientTransport, kind, asked);
  const deliver = transport.onmessage as ((message: JSONRPCMessage) => void) | undefined;
  transport.onmessage = (message: JSONRPCMessage) => {
    heard.push(JSON.stringify(message));
    deliver?.(message);
  };
  const pid = transport.pid ?? 0;
  const close = async () => {
    hasClosed();
    await client.close();
  };
  const hasClosed = atEndOfFile(close);
  return {
    call: async (name, given = {}, callOptions = {}) => {
      const params = { name, arguments: given };
      return (await (kind === 'v1' ? client.callTool(params, undefined, callOptions) : client.callTool(params, callOptions))) as Answer;
    },
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    heard,
    stderr: () => stderr,
    asked,
    kill: async () => {
      process.kill(pid, 'SIGKILL');
      await until('the wallet was gone', () => !isRunning(pid));
      await close();
    },
    close,
  };
}

async function connectV2(transport: StdioClientTransport, kind: Kind, asked: string[]): Promise<AnyClient> {
  const mode = kind === 'v2' ? { pin: MODERN } : kind === 'v2 auto' ? 'auto' : 'legacy';
  const client = new Client(me, { ...options, versionNegotiation: { mode } });
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    asked.push(params.message);
    return answer;
  });
  await client.connect(transport);
  return client as AnyClient;
}

async function connectV1(transport: StdioClientTransportV1, asked: string[]): Promise<AnyClient> {
  const client = new ClientV1(me, options);
  client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
    asked.push(params.message);
    return answer;
  });
  await client.connect(transport);
  return client as AnyClient;
}

/** Tells whether a process runs. */
export function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
