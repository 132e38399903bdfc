import type { ServerIdentity } from '../../kit/index.ts';

/** The same as in package.json; a test holds them together. */
export const VERSION = '0.1.0';

/** How Waxseal introduces itself to MCP clients. */
export const identity: ServerIdentity = {
  name: 'waxseal',
  title: 'Waxseal',
  version: VERSION,
};
