/**
 * Starts the server under test, in one of the ways to serve:
 *
 *     node server.mjs own      serve(factory): an McpServer with the kit's tools and others
 *     node server.mjs fetch    createFetchHandler behind Node's HTTP server, with the McpServer of "own"
 *     node server.mjs tools    serve([tools]): the kit's tools only
 *     node server.mjs stdio    serveStdio(factory) behind the bridge, with the McpServer of "own"
 *
 * All have the default configuration, except that "fetch" lets anyone call.
 */
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { McpServer } from '@modelcontextprotocol/server';
import { createRequestStateCodec, registerTools, toolset } from 'waxseal';
import { createFetchHandler } from 'waxseal/fetch';
import { generateRing, toText } from 'waxseal/keys';
import { serve, serveStdio, systemClock, toNodeHandler } from 'waxseal/server';
import { askingTools } from './asking-tools.mjs';
import { bridged } from './bridge.mjs';
import { contentTools, registerContentTools } from './content-tools.mjs';
import { registerPrompts } from './prompts.mjs';
import { registerResources } from './resources.mjs';

const identity = { name: 'waxseal-conformance', version: '0.1.0' };

/** The lists of this server do not change while it runs. */
const fixed = { listChanged: false };
const capabilities = { tools: fixed, prompts: fixed, resources: fixed, logging: {} };

/** The toolset that all servers made by `own` share. */
const asking = toolset(askingTools);

/**
 * Makes a server as an author writes it, with the kit's tools and other tools. If the codec refuses a `requestState`,
 * the client gets a protocol error. If a tool throws, the client gets a tool result.
 */
function own(environment) {
  const codec = createRequestStateCodec({ environment });
  const server = codec.protect(new McpServer(identity, { requestState: { verify: codec.verify } }));
  // With capabilities in the constructor, an McpServer adds their handlers at once. The codec protects only handlers
  // that are added after protect().
  server.server.registerCapabilities(capabilities);
  registerTools(server, asking, environment);
  registerContentTools(server);
  registerPrompts(server, codec);
  registerResources(server);
  return server;
}

const announce = (url) => process.stdout.write(`"Waxseal serves MCP at ${url}"\n`);

const ways = {
  own: () => serve(own),
  tools: () => serve([...askingTools, ...contentTools], identity),
  fetch: async () => {
    const handler = createFetchHandler({ keys: toText(await generateRing(systemClock())), server: own, allowAnonymous: true });
    const server = createServer(toNodeHandler(handler));
    server.listen(0, '127.0.0.1', () => announce(`http://127.0.0.1:${server.address().port}/mcp`));
    process.once('SIGTERM', () => process.exit(0));
  },
  stdio: async () => {
    announce(await bridged([fileURLToPath(import.meta.url), 'bridged']));
    process.once('SIGTERM', () => process.exit(0));
  },
  bridged: () => serveStdio(own),
};

await ways[process.argv[2]]();
