/** What `waxseal serve` and `waxseal stdio` share: settings, tools, and the server's name and version. */
import { type Command, Option } from 'commander';
import type { Listing, ServerIdentity } from '../../kit/index.ts';
import type { ServerFactory } from '../../server/app/endpoint.ts';
import { SETTINGS, type Setting } from '../../server/config/settings.ts';
import { VERSION } from './version.ts';

/** Adds the server's settings to a command. The help shows their environment variables and defaults. */
export function withSettings(command: Command, settings: readonly Setting[]): Command {
  for (const { flag, description, env, default: fallback } of settings) {
    if (flag === undefined) continue;
    const origin = `env: ${env.join(' or ')}${fallback === undefined ? '' : `, default: ${fallback}`}`;
    command.addOption(new Option(flag, `${description} (${origin})`));
  }
  const unflagged = settings.filter(({ flag }) => flag === undefined);
  const lines = unflagged.map(({ env, description }) => `  ${env.join(' or ')}  ${description}`);
  return lines.length === 0 ? command : command.addHelpText('after', `\nEnvironment only:\n${lines.join('\n')}`);
}

/** Returns the flags that {@link withSettings} added, by the setting's key. */
export function flagsOf(command: Command): Record<string, unknown> {
  const options: Record<string, unknown> = command.opts();
  return Object.fromEntries(SETTINGS.flatMap(({ key, flag }) => (flag === undefined ? [] : [[key, options[optionName(flag)]]])));
}

/** Commander's name for a flag: `maxHandleLength` for `--max-handle-length <characters>`. */
function optionName(flag: string): string {
  return new Option(flag).attributeName();
}

/** The `serverInfo` for MCP clients. */
export const identity: ServerIdentity = { name: 'waxseal', title: 'Waxseal', version: VERSION };

/**
 * Makes servers with the built-in research tools. The import is here so that other commands start without loading the
 * tools.
 */
export async function researchServers(): Promise<(list: Listing) => ServerFactory> {
  const [{ toolset }, { researchTools }, { toolServer }] = await Promise.all([
    import('../../kit/index.ts'),
    import('../../research/index.ts'),
    import('../../server/app/endpoint.ts'),
  ]);
  return (list) => toolServer(toolset(researchTools, { list }), identity);
}
