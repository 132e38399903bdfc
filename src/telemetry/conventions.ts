/**
 * The names of OpenTelemetry's conventions for MCP (open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md),
 * which may still change.
 *
 * A client could put a handle into a method name, a tool name or an id. So only known names and numeric ids are
 * reported.
 */

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
  /** The code of a tool's error, for which the conventions have no attribute. */
  code: 'waxseal.error.code',
} as const;

/** The histograms, as the conventions name and describe them. Their unit is seconds. */
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

/** The upper bounds of the histograms' buckets, in seconds. */
export const BUCKETS: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** The conventions' value for an unknown class of error. Here it also stands for an unknown method. */
export const OTHER = '_OTHER';

/** The methods of requests in all revisions of MCP. */
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

/** Returns the method's name, or `_OTHER` if MCP does not define the method. */
export function methodName(method: unknown): string {
  return METHODS.has(method) ? String(method) : OTHER;
}
