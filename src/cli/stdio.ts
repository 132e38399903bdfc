import { Command } from 'commander';
import { readStdioConfig } from '../server/config/config.ts';
import { flagsOf, researchServer, withSettings } from './io/server.ts';

/** `waxseal stdio`: the server over standard input and output, for a host that starts it. Logs go to standard error. */
export function stdioCommand(): Command {
  const command = new Command('stdio').description('serve MCP over standard input and output').action(async (_options, self: Command) => {
    const config = readStdioConfig(flagsOf(self), process.env);
    const { createLog, obeySignals, startStdio } = await import('../server/index.ts');
    const log = await createLog(config.logLevel, process.stderr);
    await obeySignals(startStdio(config, log, await researchServer(config.tools)), log);
  });
  return withSettings(command, (setting) => setting.http !== true);
}
