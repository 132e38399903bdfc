/**
 * What the protocol's own suite is run against: a server of an author's own, with the kit's tools beside others, served
 * by this project's HTTP server as it is configured by default.
 */
import { McpServer } from '@modelcontextprotocol/server';
import { createRequestStateCodec, registerTools } from 'waxseal';
import { serve } from 'waxseal/server';
import { askingTools } from './asking-tools.mjs';
import { registerContentTools } from './content-tools.mjs';
import { registerPrompts } from './prompts.mjs';
import { registerResources } from './resources.mjs';

/** No list of this server ever changes while it runs. */
const fixed = { listChanged: false };
const capabilities = { tools: fixed, prompts: fixed, resources: fixed, logging: {} };

// What `verify` refuses is a protocol error; what a tool of an `McpServer` throws is a result, to the SDK.
await serve((environment) => {
  const codec = createRequestStateCodec({ environment });
  const options = { capabilities, requestState: { verify: codec.verify } };
  const server = codec.protect(new McpServer({ name: 'waxseal-conformance', version: '0.1.0' }, options));
  registerTools(server, askingTools, environment);
  registerContentTools(server);
  registerPrompts(server, codec);
  registerResources(server);
  return server;
});
