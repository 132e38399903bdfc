import { Command } from 'commander';
import { StdioSettings, settingsOf } from '../server/config/settings.ts';
import { flagsOf, withSettings } from './io/server.ts';
import { serveResearch } from './serve.ts';

/**
 * Makes `waxseal stdio`, which serves MCP over standard input and output to the host that starts the command. Logs go
 * to standard error.
 */
export function stdioCommand(): Command {
  const command = new Command('stdio').description('serve MCP over standard input and output');
  return withSettings(command, settingsOf(StdioSettings)).action((_options, self: Command) => serveResearch('overStdio', flagsOf(self)));
}
