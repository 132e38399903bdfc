import { createFetchHandler } from 'waxseal/fetch';
import { tools } from './tools.js';

export default createFetchHandler({
  keys: (env) => env.WAXSEAL_KEYS,
  tools,
  identity: { name: 'counter', version: '1.0.0' },
  // If you know your hostnames, list them: ['mcp.example.com', '*.workers.dev'].
  allowedHosts: 'any',
  // Anyone may call the server. To require access tokens, replace `allowAnonymous: true` by:
  // authorization: { issuer: 'https://login.example.com/', audience: 'https://mcp.example.com/mcp' },
  allowAnonymous: true,
  // Logs each refused request: the HTTP status, and a fixed word for the reason.
  onRefused: console.warn,
});
