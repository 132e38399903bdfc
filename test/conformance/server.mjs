/**
 * What the protocol's own suite is run against, in each way that users have to a server:
 *
 *     node server.mjs own      the kit's tools beside others, on the author's own McpServer, by serve(factory)
 *     node server.mjs fetch    the same by createFetchHandler, behind Node's HTTP server
 *     node server.mjs tools    tools of the kit and nothing else, by serve([tools])
 *     node server.mjs stdio    as "own", by serveStdio(factory), behind a bridge
 *
 * Each as it is configured by default.
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

/** No list of this server ever changes while it runs. */
const fixed = { listChanged: false };
const capabilities = { tools: fixed, prompts: fixed, resources: fixed, logging: {} };

/** Made once; the servers share it. */
const asking = toolset(askingTools);

/** What a codec's `verify` refuses is a protocol error; what a tool of an `McpServer` throws is a result, to the SDK. */
function own(environment) {
  const codec = createRequestStateCodec({ environment });
  const server = codec.protect(new McpServer(identity, { requestState: { verify: codec.verify } }));
  // Not above: of what is declared there an McpServer has handlers at once, and a codec protects only those that come.
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
