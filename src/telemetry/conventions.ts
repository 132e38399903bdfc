/**
 * What OpenTelemetry's conventions for MCP call things (open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md; they
 * are in development, and may still change).
 *
 * Clients write method names, tool names and ids, and may write anything there, a handle too: only names that are known
 * and numbers become attributes.
 */

/** Names of attributes. */
export const ATTRIBUTE = {
  method: 'mcp.method.name',
  version: 'mcp.protocol.version',
  tool: 'gen_ai.tool.name',
  operation: 'gen_ai.operation.name',
  id: 'jsonrpc.request.id',
  error: 'error.type',
  status: 'rpc.response.status_code',
  transport: 'network.transport',
  protocol: 'network.protocol.name',
  /** Ours: the code of a tool's error, of which the conventions say only that there was one. */
  code: 'waxseal.error.code',
} as const;

/** The histograms, and what they are said to measure. In seconds. */
export const DURATION = {
  server: {
    name: 'mcp.server.operation.duration',
    description: 'MCP request duration as observed on the receiver, until the result is sent.',
  },
  client: {
    name: 'mcp.client.operation.duration',
    description: 'MCP request duration as observed on the sender, until the response is received.',
  },
} as const;

/** Where the histograms' buckets end. Seconds. */
export const BUCKETS: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** A method, or a kind of error, that has no name here. */
export const OTHER = '_OTHER';

/** The requests of MCP, in all its revisions. */
const METHODS: ReadonlySet<unknown> = new Set([
  'completion/complete',
  'elicitation/create',
  'initialize',
  'logging/setLevel',
  'ping',
  'prompts/get',
  'prompts/list',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/templates/list',
  'resources/unsubscribe',
  'roots/list',
  'sampling/createMessage',
  'server/discover',
  'subscriptions/listen',
  'tasks/cancel',
  'tasks/get',
  'tasks/list',
  'tasks/result',
  'tools/call',
  'tools/list',
]);

/** A method as an attribute may say it. */
export function methodName(method: unknown): string {
  return METHODS.has(method) ? String(method) : OTHER;
}
