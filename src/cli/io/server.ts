/** What `waxseal serve` and `waxseal stdio` have in common: their settings, what they serve, and under which name. */
import { type Command, Option } from 'commander';
import type { Listing, ServerIdentity } from '../../kit/index.ts';
import type { ServerFactory } from '../../server/app/endpoint.ts';
import { SETTINGS, type Setting } from '../../server/config/settings.ts';

/** Adds settings of the server to a command, with their environment variables and defaults in its help. */
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

/** What a command's options say, by setting: the flags that {@link withSettings} added. */
export function flagsOf(command: Command): Record<string, unknown> {
  const options: Record<string, unknown> = command.opts();
  return Object.fromEntries(SETTINGS.flatMap(({ key, flag }) => (flag === undefined ? [] : [[key, options[optionName(flag)]]])));
}

/** `--max-handle-length <characters>` is `maxHandleLength` among a command's options. */
function optionName(flag: string): string {
  return new Option(flag).attributeName();
}

/** The same as in package.json; a test holds them together. */
export const VERSION = '0.1.0';

/** How Waxseal introduces itself to MCP clients. */
export const identity: ServerIdentity = { name: 'waxseal', title: 'Waxseal', version: VERSION };

/** Makes servers of the built-in research tools. They are loaded only now, so that the other commands start without them. */
export async function researchServers(): Promise<(list: Listing) => ServerFactory> {
  const [{ toolset }, { researchTools }, { toolServer }] = await Promise.all([
    import('../../kit/index.ts'),
    import('../../research/index.ts'),
    import('../../server/app/endpoint.ts'),
  ]);
  return (list) => toolServer(toolset(researchTools, { list }), identity);
}
