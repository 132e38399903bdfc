import { createFetchHandler } from 'waxseal/fetch';
import { tools } from './tools.js';

export default createFetchHandler({
  keys: () => process.env.WAXSEAL_KEYS,
  tools,
  identity: { name: 'counter', version: '1.0.0' },
  // If you know your hostnames, list them: ['mcp.example.com'].
  allowedHosts: 'any',
  // Anyone may call. To require access tokens, replace the next line by:
  // authorization: { issuer: 'https://login.example.com/', audience: 'https://mcp.example.com/mcp' },
  allowAnonymous: true,
  // Logs why a request was refused: its status, and a fixed word.
  onRefused: console.warn,
});
