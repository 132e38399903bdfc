import { type Command, Option } from 'commander';
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
