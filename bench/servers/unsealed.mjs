/**
 * Waxseal's server without sealing. It uses all of `src/server/` and the research tools' definitions and results, but
 * keeps tasks in a `Map` under random ids. The difference from `waxseal serve` is the cost of sealing.
 */
import { localhostAllowedHostnames, localhostAllowedOrigins, Server } from '@modelcontextprotocol/server';
import { identity } from '../../dist/cli/io/server.js';
import { utc } from '../../dist/handle/index.js';
import { toolset } from '../../dist/kit/index.js';
import { researchTask, researchTools } from '../../dist/research/index.js';
import { createLog, httpServer, logCall, systemClock } from '../../dist/server/index.js';
import { NEVER_REACHED } from '../lib/limits.mjs';
import { ringOf } from '../lib/ring.mjs';
import { Refusal, STORED_TOOLS } from './stored-tools.mjs';
import { mapStore } from './stores.mjs';

const { definitions } = toolset(researchTools);
const tools = new Map(STORED_TOOLS.map((tool) => [tool.name, tool]));
const store = mapStore();
const ring = await ringOf();
const log = await createLog('info', process.stdout);

function serverOfTools() {
  const { instructions, ...info } = identity;
  const server = new Server(info, { capabilities: { tools: {} }, instructions });
  server.setRequestHandler('tools/list', () => ({ tools: definitions }));
  server.setRequestHandler('tools/call', ({ params }) => call(tools.get(params.name), params.arguments));
  return server;
}

async function call({ name: tool, inputSchema, readOnly, run }, args) {
  const started = performance.now();
  try {
    const { handle, result, text } = await run(store, inputSchema.parse(args));
    const expiresAt = utc(systemClock() + researchTask.lifetime);
    const info = { id: handle, kind: researchTask.id, revision: 1, expires_at: expiresAt };
    logCall(log, { tool, outcome: 'ok', task: handle, revision: 1, fingerprint: handle, ms: performance.now() - started });
    return {
      content: [{ type: 'text', text: readOnly ? text : `${text}\nhandle (revision 1, expires ${expiresAt}): ${handle}` }],
      structuredContent: { ...result, handle, handle_info: info },
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    logCall(log, { tool, outcome: 'error', ms: performance.now() - started });
    return { isError: true, content: [{ type: 'text', text: error.message }] };
  }
}

const app = httpServer({
  server: serverOfTools,
  // Only `/readyz` needs the ring.
  environment: { ring: () => ring, now: systemClock },
  log,
  allowedHosts: localhostAllowedHostnames(),
  allowedOrigins: localhostAllowedOrigins(),
  rateLimit: NEVER_REACHED,
  maxConnections: 10_000,
});
await app.listen({ host: '127.0.0.1', port: 0, listenTextResolver: (address) => `Waxseal without sealing serves MCP at ${address}/mcp` });
process.on('SIGTERM', () => process.exit(0));
