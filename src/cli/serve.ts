import { Command } from 'commander';
import { createLog, startHttp } from '../server/index.ts';
import { stopOnSignals } from './run.ts';
import { configOf, withSettings } from './settings.ts';

/** `waxseal serve`: the server over Streamable HTTP, until it is told to stop. */
export function serveCommand(): Command {
  const command = new Command('serve').description('serve MCP over HTTP, at POST /mcp').action(async (_options, self: Command) => {
    const config = configOf(self);
    const log = createLog(config.logLevel, process.stdout);
    stopOnSignals(await startHttp(config, log), log);
  });
  return withSettings(command, () => true);
}
