import { createFetchHandler } from 'waxseal/fetch';
import { tools } from './tools.js';

export default createFetchHandler({
  keys: () => process.env.WAXSEAL_KEYS,
  tools,
  identity: { name: 'counter', version: '1.0.0' },
  // Where the hostnames are known, name them: ['mcp.example.com'].
  allowedHosts: 'any',
  // Anyone may call. To know who calls: authorization: { issuer: 'https://login.example.com/', audience: 'https://mcp.example.com/mcp' },
  allowAnonymous: true,
});
