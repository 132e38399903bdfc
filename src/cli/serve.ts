import { Command } from 'commander';
import { readConfig } from '../server/config/config.ts';
import { flagsOf, researchServer, withSettings } from './io/server.ts';

/** `waxseal serve`: the server over Streamable HTTP, until it is told to stop. */
export function serveCommand(): Command {
  const command = new Command('serve').description('serve MCP over HTTP, at POST /mcp').action(async (_options, self: Command) => {
    const config = readConfig(flagsOf(self), process.env);
    // Only now, so that the other commands start without a web server.
    const { createLog, obeySignals, startHttp } = await import('../server/index.ts');
    const log = await createLog(config.logLevel, process.stdout);
    await obeySignals(startHttp(config, log, await researchServer(config.tools)), log);
  });
  return withSettings(command, () => true);
}
