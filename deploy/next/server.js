import { createFetchHandler } from 'waxseal/fetch';
import { tools } from './tools.js';

export const server = createFetchHandler({
  // Read on the first request, so that `next build` needs no secret.
  keys: () => process.env.WAXSEAL_KEYS,
  path: '/api/mcp',
  tools,
  identity: { name: 'counter', version: '1.0.0' },
  // Where the hostnames are known, name them: ['mcp.example.com', '*.vercel.app'].
  allowedHosts: 'any',
  // Anyone may call. To know who calls: authorization: { issuer: 'https://login.example.com/', audience: 'https://mcp.example.com/mcp' },
  allowAnonymous: true,
});
