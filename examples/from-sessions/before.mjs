// @ts-nocheck: this file needs version 1 of the SDK, @modelcontextprotocol/sdk. No other example needs it.
/** A packing list that the server keeps in a Map of sessions, as many servers do. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import * as z from 'zod';

const lists = new Map();
const transports = new Map();

function packingServer() {
  const server = new McpServer({ name: 'packing', version: '1.0.0' });

  server.registerTool(
    'pack',
    { description: 'Puts something on the packing list.', inputSchema: { item: z.string().min(1).max(100) } },
    ({ item }, { sessionId }) => {
      const items = [...(lists.get(sessionId) ?? []), item];
      lists.set(sessionId, items);
      return { content: [{ type: 'text', text: `On the list: ${items.join(', ')}.` }] };
    },
  );

  server.registerTool('show_list', { description: 'Shows the packing list.' }, ({ sessionId }) => {
    const items = lists.get(sessionId) ?? [];
    return { content: [{ type: 'text', text: `On the list: ${items.join(', ') || 'nothing'}.` }] };
  });

  return server;
}

const http = createServer(async (request, response) => {
  const known = transports.get(request.headers['mcp-session-id']);
  if (known !== undefined) return known.handleRequest(request, response);
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => transports.set(id, transport),
    onsessionclosed: (id) => {
      transports.delete(id);
      lists.delete(id);
    },
  });
  await packingServer().connect(transport);
  await transport.handleRequest(request, response);
});

http.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  process.stdout.write(`packing serves MCP at http://127.0.0.1:${http.address().port}/mcp\n`);
});
