import { type Command, Option } from 'commander';
import { SETTINGS, type Setting } from '../../server/config/settings.ts';

/** Adds the server's settings to a command, with their environment variables and defaults in its help. */
export function withSettings(command: Command, wanted: (setting: Setting) => boolean): Command {
  for (const { flag, description, env, default: fallback } of SETTINGS.filter(wanted)) {
    if (flag === undefined) continue;
    const origin = `env: ${env.join(' or ')}${fallback === undefined ? '' : `, default: ${fallback}`}`;
    command.addOption(new Option(flag, `${description} (${origin})`));
  }
  const unflagged = SETTINGS.filter((setting) => wanted(setting) && setting.flag === undefined);
  const lines = unflagged.map(({ env, description }) => `  ${env.join(' or ')}  ${description}`);
  return lines.length === 0 ? command : command.addHelpText('after', `\nEnvironment only:\n${lines.join('\n')}`);
}

/** What a command's options say, by setting: the flags that {@link withSettings} added. */
export function flagsOf(command: Command): Record<string, unknown> {
  const options: Record<string, unknown> = command.opts();
  return Object.fromEntries(SETTINGS.filter(({ flag }) => flag).map((setting) => [setting.key, options[optionName(setting)]]));
}

/** `--max-handle-length <characters>` is `maxHandleLength` among a command's options. */
function optionName({ flag }: Setting): string {
  return new Option(flag as string).attributeName();
}
