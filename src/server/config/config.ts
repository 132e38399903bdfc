/** Configuration: flags over environment over defaults, each value validated, each error naming where it came from. */
import type * as z from 'zod';
import { ConfigError } from '../app/config-error.ts';
import { type Config, type Setting, Settings, type StdioConfig, StdioSettings, settingsOf } from './settings.ts';

/** What the command line says, by setting. */
export type Flags = Readonly<Record<string, unknown>>;
type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the whole configuration.
 *
 * @param flags by setting, as the command line gave them
 * @param env the environment, e.g. `process.env`
 * @throws {ConfigError} naming every variable that is wrong, what is wrong with it, and an example
 */
export function readConfig(flags: Flags, env: Env): Config {
  return readSettings(Settings, flags, env);
}

/** Reads the configuration of a server over standard input and output: what concerns sockets is not looked at. */
export function readStdioConfig(flags: Flags, env: Env): StdioConfig {
  return readSettings(StdioSettings, flags, env);
}

/** Reads some of the settings, for a command that needs no more. Otherwise like {@link readConfig}. */
export function readSettings<S extends z.ZodObject>(schema: S, flags: Flags, env: Env): z.output<S> {
  const given = settingsOf(schema).flatMap((setting) => givenFor(setting, flags, env));
  const parsed = schema.safeParse(textsOf(given));
  const issueOf = ({ key }: Setting) => parsed.error?.issues.find(({ path }) => path[0] === key);
  const wrong = given.flatMap((one) => {
    const issue = issueOf(one.setting);
    return issue === undefined ? [] : [problemWith(one, issue.message)];
  });
  // What is wrong by itself contradicts nothing: settings are compared as if it had been left out.
  const right = Settings.parse(textsOf(given.filter(({ setting }) => issueOf(setting) === undefined)));
  const problems = [...wrong, ...contradictionsIn(right, flags)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems.join('\n'));
  return parsed.data;
}

function contradictionsIn(config: Config, flags: Flags): string[] {
  const { keys, keysFile, authIssuer, authAudience, authScopes, authResource, authAcceptClientId, allowAnonymous } = config;
  const problems: string[] = [];
  if (keys !== undefined && keysFile !== undefined && flags['keysFile'] === undefined) {
    problems.push('WAXSEAL_KEYS and WAXSEAL_KEYS_FILE are both set, and may differ: set one of them.');
  }
  if ((authIssuer === undefined) !== (authAudience === undefined)) {
    problems.push('--auth-issuer and --auth-audience belong together: set both (WAXSEAL_AUTH_ISSUER, WAXSEAL_AUTH_AUDIENCE), or neither.');
  }
  if (authScopes !== undefined && authIssuer === undefined) {
    problems.push('--auth-scopes needs --auth-issuer and --auth-audience: without them there are no access tokens to have scopes.');
  }
  if ((authResource !== undefined || authAcceptClientId) && authIssuer === undefined) {
    problems.push(
      '--auth-resource and --auth-accept-client-id need --auth-issuer and --auth-audience: without them no access token is asked for.',
    );
  }
  if (authIssuer !== undefined && allowAnonymous) {
    problems.push('--auth-issuer requires access tokens and --allow-anonymous does without: set one of them.');
  }
  return problems;
}

/** A setting as somebody wrote it. */
interface Given {
  readonly setting: Setting;
  /** The flag or the variable. */
  readonly source: string;
  readonly text: string;
}

/** What Kubernetes sets for a service named waxseal, in every pod beside it: an address, and no setting of anybody. */
const SERVICE_LINK = /^(?:tcp|udp|sctp):\/\//;

const isServiceLink = (variable: string, text: string) => variable === 'WAXSEAL_PORT' && SERVICE_LINK.test(text);

/** What was found in the environment and passed over, for the log: a line for each. */
export function passedOver(env: Env): string[] {
  const links = Object.entries(env).filter(([variable, text = '']) => isServiceLink(variable, text));
  return links.map(
    ([variable]) => `${variable} is a Kubernetes service link, and no setting: it is passed over. Set the port with --port or PORT.`,
  );
}

/** An empty variable counts as not set: that is how most deployment tools write "none". */
function givenFor(setting: Setting, flags: Flags, env: Env): Given[] {
  const { key, flag } = setting;
  if (flags[key] !== undefined && flag !== undefined) return [{ setting, source: flag.replace(/ .*/, ''), text: String(flags[key]) }];
  const variables = setting.env.map((source) => ({ setting, source, text: env[source] ?? '' }));
  return variables.filter(({ source, text }) => text !== '' && !isServiceLink(source, text)).slice(0, 1);
}

function textsOf(given: readonly Given[]): Record<string, string> {
  return Object.fromEntries(given.map(({ setting, text }) => [setting.key, text]));
}

function problemWith({ setting: { key, example }, source, text }: Given, problem: string): string {
  // The one value that is secret is not repeated.
  const shown = key === 'keys' ? '' : ` (it is ${JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)})`;
  return `${source} ${problem}${shown}. Example: ${source.startsWith('--') ? `${source} ${example}` : `${source}='${example}'`}`;
}
