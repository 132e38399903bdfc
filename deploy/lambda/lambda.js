import { handle } from 'hono/aws-lambda';
import { createFetchHandler } from 'waxseal/fetch';
import { tools } from './tools.js';

const server = createFetchHandler({
  keys: () => process.env.WAXSEAL_KEYS,
  tools,
  identity: { name: 'counter', version: '1.0.0' },
  // If you know your hostnames, list them: ['mcp.example.com', '*.lambda-url.eu-central-1.on.aws'].
  allowedHosts: 'any',
  // Anyone may call. To require access tokens, replace the next line by:
  // authorization: { issuer: 'https://login.example.com/', audience: 'https://mcp.example.com/mcp' },
  allowAnonymous: true,
  // Logs why a request was refused: its status, and a fixed word.
  onRefused: console.warn,
});

/** The handler, for a function URL or an API gateway. Set the runtime to Node 20 or later, and the handler to `lambda.handler`. */
export const handler = handle(server);
