import { Command } from 'commander';
import { StdioSettings, settingsOf } from '../server/config/settings.ts';
import { flagsOf, withSettings } from './io/server.ts';
import { serveResearch } from './serve.ts';

/** Makes `waxseal stdio`. Its logs go to standard error, because standard output carries MCP. */
export function stdioCommand(): Command {
  const command = new Command('stdio').description('serve MCP over standard input and output');
  return withSettings(command, settingsOf(StdioSettings)).action((_options, self: Command) => serveResearch('overStdio', flagsOf(self)));
}
