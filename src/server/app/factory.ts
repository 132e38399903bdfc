import type { McpServer, Server } from '@modelcontextprotocol/server';
import { type Environment, type Listing, type ServerIdentity, serverOf, type Toolset, toolset } from '../../kit/index.ts';
import { researchTools } from '../../research/index.ts';
import { identity } from './identity.ts';

/**
 * Makes the server object for one request or connection, in the environment that the server runs in. What all of
 * them share is made outside of it, once. An `McpServer` of the author's own may have the kit's tools beside others.
 */
export type ServerFactory = (environment: Environment) => Server | McpServer;

/** Servers of the kit's tools and nothing else. */
export function toolServer(tools: Toolset, introduction: ServerIdentity): ServerFactory {
  return (environment) => serverOf(tools, environment, introduction);
}

/** Servers of the built-in research tools. */
export function researchServer(list: Listing = 'all'): ServerFactory {
  return toolServer(toolset(researchTools, { list }), identity);
}
