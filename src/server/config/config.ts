/**
 * Reads the configuration of a server. A flag overrides an environment variable, and a variable overrides the default.
 * Every error names the flag or the variable.
 */
import type * as z from 'zod';
import { ConfigError } from '../app/config-error.ts';
import { type Env, isServiceLink, plainValue, valueIn } from './environment.ts';
import { type Config, type Setting, Settings, type StdioConfig, StdioSettings, settingsOf } from './settings.ts';

/** The values from the command line, by the name of the setting. */
export type Flags = Readonly<Record<string, unknown>>;

/**
 * Reads the whole configuration.
 *
 * @param flags the values from the command line, by the name of the setting
 * @param env the environment variables, e.g. `process.env`
 * @throws {ConfigError} `invalid_configuration`: the message names every wrong flag and variable, and gives an example
 *   of a right value
 *
 * @example
 * ```ts
 * import { readConfig } from 'waxseal/server';
 *
 * const { host, port } = readConfig({}, process.env);
 * ```
 */
export function readConfig(flags: Flags, env: Env): Config {
  return readSettings(Settings, flags, env);
}

/**
 * Reads the configuration of a server on standard input and output: like {@link readConfig}, but without the settings
 * for HTTP.
 *
 * @example
 * ```ts
 * import { readStdioConfig } from 'waxseal/server';
 *
 * const { keysFile, tools } = readStdioConfig({}, process.env);
 * ```
 */
export function readStdioConfig(flags: Flags, env: Env): StdioConfig {
  return readSettings(StdioSettings, flags, env);
}

/**
 * Reads only the settings of a schema; otherwise like {@link readConfig}.
 *
 * @param schema an object schema of settings, such as a part of `Settings`
 */
export function readSettings<S extends z.ZodObject>(schema: S, flags: Flags, env: Env): z.output<S> {
  const given = settingsOf(schema).flatMap((setting) => givenFor(setting, flags, env));
  const parsed = schema.safeParse(textsOf(given));
  const issueOf = ({ key }: Setting) => parsed.error?.issues.find(({ path }) => path[0] === key);
  const wrong = given.flatMap((one) => {
    const issue = issueOf(one.setting);
    return issue === undefined ? [] : [problemWith(one, issue.message)];
  });
  // A setting with a wrong value has no value to compare, but it counts as set.
  const right = Settings.parse(textsOf(given.filter(({ setting }) => issueOf(setting) === undefined)));
  const problems = [...wrong, ...contradictionsIn(right, given, flags)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'));
  return parsed.data;
}

function contradictionsIn(config: Config, given: readonly Given[], flags: Flags): string[] {
  const { keys, keysFile, authAcceptClientId, allowAnonymous } = config;
  const isSet = (key: keyof Config) => given.some(({ setting }) => setting.key === key);
  const hasIssuer = isSet('authIssuer');
  const problems: string[] = [];
  if (keys !== undefined && keysFile !== undefined && flags['keysFile'] === undefined) {
    problems.push('WAXSEAL_KEYS and WAXSEAL_KEYS_FILE are both set, and may differ: set only one of them.');
  }
  if (hasIssuer !== isSet('authAudience')) {
    problems.push('--auth-issuer and --auth-audience belong together: set both (WAXSEAL_AUTH_ISSUER, WAXSEAL_AUTH_AUDIENCE), or neither.');
  }
  if (isSet('authScopes') && !hasIssuer) {
    problems.push(
      '--auth-scopes (WAXSEAL_AUTH_SCOPES) needs --auth-issuer and --auth-audience (WAXSEAL_AUTH_ISSUER, WAXSEAL_AUTH_AUDIENCE): without them the server requires no access tokens.',
    );
  }
  if ((isSet('authResource') || authAcceptClientId) && !hasIssuer) {
    problems.push(
      '--auth-resource and --auth-accept-client-id (WAXSEAL_AUTH_RESOURCE, WAXSEAL_AUTH_ACCEPT_CLIENT_ID) need --auth-issuer and --auth-audience (WAXSEAL_AUTH_ISSUER, WAXSEAL_AUTH_AUDIENCE): without them the server requires no access tokens.',
    );
  }
  if (hasIssuer && allowAnonymous) {
    problems.push(
      '--auth-issuer (WAXSEAL_AUTH_ISSUER) requires access tokens, but --allow-anonymous (WAXSEAL_ALLOW_ANONYMOUS) serves callers without access tokens: set only one of the two.',
    );
  }
  return problems;
}

/** The text that a flag or a variable gave for a setting. */
interface Given {
  readonly setting: Setting;
  /** The name of the flag or the variable. */
  readonly source: string;
  readonly text: string;
}

/** An empty variable counts as not set, because many deployment tools set variables to the empty text. */
function givenFor(setting: Setting, flags: Flags, env: Env): Given[] {
  const { key, flag } = setting;
  if (flags[key] !== undefined && flag !== undefined)
    return [{ setting, source: flag.replace(/ .*/, ''), text: plainValue(String(flags[key])) }];
  const variables = setting.env.map((source) => ({ setting, source, text: valueIn(env, source) }));
  return variables.filter(({ source, text }) => text !== '' && !isServiceLink(source, text)).slice(0, 1);
}

function textsOf(given: readonly Given[]): Record<string, string> {
  return Object.fromEntries(given.map(({ setting, text }) => [setting.key, text]));
}

function problemWith({ setting: { key, example }, source, text }: Given, problem: string): string {
  // The text of a key ring is secret.
  const shown = key === 'keys' ? '' : ` (it is ${JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)})`;
  return `${source} ${problem}${shown}. Example: ${source.startsWith('--') ? `${source} ${example}` : `${source}='${example}'`}`;
}
