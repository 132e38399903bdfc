/**
 * A server by the SDK's recipe for Fastify (docs/serving/fastify.md of the TypeScript SDK): `createMcpFastifyApp`,
 * `createMcpHandler`, and an `McpServer` for each request. Unlike the recipe, the server makes its schemas only once,
 * which is faster. Start it with `node recipe.mjs map` or `node recipe.mjs redis://…`.
 */
import { createMcpFastifyApp } from '@modelcontextprotocol/fastify';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import pino from 'pino';
import { Refusal, STORED_TOOLS } from './stored-tools.mjs';
import { mapStore, redisStore } from './stores.mjs';

const where = process.argv[2];
const store = where === 'map' ? mapStore() : await redisStore(where);
// The log is like Waxseal's: a line for each call, written in the background.
const log = pino(pino.destination({ fd: 1, sync: false, minLength: 0 }));

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'recipe', version: '1.0.0' });
  for (const { name, title, description, inputSchema, outputSchema, readOnly, run } of STORED_TOOLS) {
    const annotations = { readOnlyHint: readOnly, destructiveHint: false, idempotentHint: readOnly, openWorldHint: false };
    server.registerTool(name, { title, description, inputSchema, outputSchema, annotations }, (args) =>
      call({ name, readOnly, run }, args),
    );
  }
  return server;
});

async function call({ name: tool, readOnly, run }, args) {
  const started = performance.now();
  try {
    const { handle, result, text } = await run(store, args);
    log.info({ tool, outcome: 'ok', task: handle, ms: performance.now() - started }, 'tool call');
    const structuredContent = { ...result, handle };
    return { content: [{ type: 'text', text: readOnly ? text : `${text}\nhandle: ${handle}` }], structuredContent };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log.info({ tool, outcome: 'error', ms: performance.now() - started }, 'tool call');
    return { isError: true, content: [{ type: 'text', text: error.message }] };
  }
}

const app = createMcpFastifyApp();
const node = toNodeHandler(handler);
app.all('/mcp', (request, reply) => node(request.raw, reply.raw, request.body));
const address = await app.listen({ host: '127.0.0.1', port: 0 });
log.info(`the recipe serves MCP at ${address}/mcp`);
process.on('SIGTERM', () => process.exit(0));
