import { Command } from 'commander';
import { SETTINGS } from '../server/config/settings.ts';
import { flagsOf, researchServers, withSettings } from './io/server.ts';

export function serveCommand(): Command {
  const command = new Command('serve').description('serve MCP over HTTP, at POST /mcp');
  return withSettings(command, SETTINGS).action((_options, self: Command) => serveResearch('overHttp', flagsOf(self)));
}

/** Serves the research tools until a signal stops the process. */
export async function serveResearch(transport: 'overHttp' | 'overStdio', flags: Record<string, unknown>): Promise<void> {
  // The imports are here so that other commands start without loading a web server.
  const [{ [transport]: via, run }, serverFor] = await Promise.all([import('../server/node/serve.ts'), researchServers()]);
  await run(via, flags, serverFor);
}
