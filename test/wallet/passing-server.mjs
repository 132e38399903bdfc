/**
 * A server that uses everything that a wallet must relay: progress, cancellation, input requests and headers. The
 * server's tool `say` returns the arguments that it got.
 */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createMcpHandler, fromJsonSchema, inputRequired, McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

/** Makes a string with the form of a handle. No server can open it. */
export function madeUpHandle(text) {
  const [header, iv, tag] = ['{"alg":"dir","enc":"A256GCM","kid":"made-up","typ":"handle"}', Buffer.alloc(12), Buffer.alloc(16)];
  return `${Buffer.from(header).toString('base64url')}..${iv.toString('base64url')}.${Buffer.from(text).toString('base64url')}.${tag.toString('base64url')}`;
}

/**
 * The `requestState` between two rounds of one call. It has the form of a handle, like the sealed states of real
 * servers.
 */
export const REQUEST_STATE = madeUpHandle('what was asked so far');

let cancelled = 0;

const object = (properties) => fromJsonSchema({ type: 'object', properties });

/** Makes the server. @param ownList whether it has a tool `list_held_handles` of its own */
export function passingServer({ ownList = false } = {}) {
  const server = new McpServer({ name: 'passing', version: '1.0.0' });
  const tool = (name, properties, run) => server.registerTool(name, { inputSchema: object(properties) }, run);

  tool('say', { structuredContent: {}, text: { type: 'string' } }, ({ structuredContent, text = '' }) => ({
    content: [{ type: 'text', text }],
    ...(structuredContent !== undefined && { structuredContent }),
  }));
  tool('echo', { value: {} }, ({ value }) => ({ content: [{ type: 'text', text: `length ${JSON.stringify(value).length}` }] }));
  tool('routed', { task: { type: 'string', 'x-mcp-header': 'Task' } }, ({ task }) => ({
    content: [{ type: 'text', text: `length ${task.length}` }],
  }));
  tool('wait', {}, async (_args, { mcpReq }) => {
    for (const progress of [1, 2]) {
      await mcpReq.notify({ method: 'notifications/progress', params: { progressToken: mcpReq._meta?.progressToken, progress } });
    }
    await new Promise((resolve) => mcpReq.signal.addEventListener('abort', resolve));
    cancelled += 1;
    process.stderr.write('wait was cancelled\n');
    return { content: [] };
  });
  tool('ask', { handle: { type: 'string' } }, ({ handle }, { mcpReq }) => {
    const answer = mcpReq.inputResponses?.name;
    if (answer !== undefined) {
      return {
        content: [
          {
            type: 'text',
            text: `${answer.content.name} on ${handle?.length ?? 0}, ${mcpReq.requestState?.() === REQUEST_STATE ? 'in one go' : 'out of nothing'}`,
          },
        ],
      };
    }
    const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } };
    const name = inputRequired.elicit({ message: `Who asks for ${handle}?`, requestedSchema });
    return inputRequired({ inputRequests: { name }, requestState: REQUEST_STATE });
  });
  if (ownList) tool('list_held_handles', {}, () => ({ content: [{ type: 'text', text: 'the list of the server' }] }));
  return server;
}

/** Serves this server over HTTP on a free port. */
export async function servePassing(options) {
  const handler = createMcpHandler(() => passingServer(options));
  return { ...(await serveFetch((request) => handler.fetch(request))), cancelled: () => cancelled };
}

/** Serves a fetch handler on a free port. */
export async function serveFetch(handle) {
  const http = createServer(async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const { method, headers } = incoming;
    const body = method === 'POST' ? { body: Readable.toWeb(incoming), duplex: 'half' } : {};
    const request = new Request(`http://${headers.host}${incoming.url}`, { method, headers, ...body, signal: gone.signal });
    const response = await handle(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    await (response.body === null ? outgoing.end() : pipeline(response.body, outgoing).catch(() => {}));
  });
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${http.address().port}/mcp`,
    close: () =>
      new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      }),
  };
}

if (process.argv[2] === 'stdio') serveStdio(() => passingServer({ ownList: process.argv.includes('--own-list') }));
