/**
 * The names of OpenTelemetry's conventions for MCP (open-telemetry/semantic-conventions-genai, docs/gen-ai/mcp.md). The
 * conventions are in development, and may still change.
 *
 * Clients choose the method names, tool names and ids of their requests, and could put a handle there. So a name becomes an
 * attribute only if it is known, and an id only if it is a number.
 */

/** The names of the attributes, in the conventions. */
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
  /** The code of a tool's error. The conventions have no attribute for this code. */
  code: 'waxseal.error.code',
} as const;

/** The names and descriptions of the histograms, from the conventions. The unit of the histograms is seconds. */
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

/** The value that the conventions give to an attribute if the method, or the class of the error, is not known. */
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

/** Returns the value of the method's attribute: the name of the method, or `_OTHER` if MCP does not define the method. */
export function methodName(method: unknown): string {
  return METHODS.has(method) ? String(method) : OTHER;
}
