import { handle } from 'hono/aws-lambda';
import { createFetchHandler } from 'waxseal/fetch';
import { tools } from './tools.js';

const server = createFetchHandler({
  keys: () => process.env.WAXSEAL_KEYS,
  tools,
  identity: { name: 'counter', version: '1.0.0' },
  // Where the hostnames are known, name them: ['mcp.example.com', '*.lambda-url.eu-central-1.on.aws'].
  allowedHosts: 'any',
  // Anyone may call. To know who calls: authorization: { issuer: 'https://login.example.com/', audience: 'https://mcp.example.com/mcp' },
  allowAnonymous: true,
});

/** For a function URL, or an API gateway in front: Node 20 or later, handler `lambda.handler`. */
export const handler = handle(server);
