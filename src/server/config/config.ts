/** Configuration: flags over environment over defaults, each value validated, each error naming where it came from. */
import type { Listing } from '../../kit/index.ts';
import { type LogLevel, SETTINGS, type Setting } from './settings.ts';

/** What a server is told at start. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** The ring's text. */
  readonly keys?: string | undefined;
  readonly keysFile?: string | undefined;
  readonly allowAnonymous: boolean;
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly authIssuer?: string | undefined;
  readonly authAudience?: string | undefined;
  readonly authScopes?: readonly string[] | undefined;
  /** Requests a minute; 0 for no limit. */
  readonly rateLimit: number;
  readonly maxConnections: number;
  readonly trustProxy?: readonly string[] | undefined;
  /** Whether the inspector page is served. */
  readonly inspect?: boolean | undefined;
  readonly audience?: string | undefined;
  /** Seconds since 1970. */
  readonly notBefore?: number | undefined;
  readonly maxHandleLength: number;
  /** How tools are listed. */
  readonly tools: Listing;
  readonly logLevel: LogLevel;
}

/** A configuration that cannot be used; the message has a line for each setting that is wrong. */
export class ConfigError extends Error {
  readonly code = 'invalid_configuration';
}

type Flags = Readonly<Record<string, unknown>>;
type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the whole configuration.
 *
 * @param flags by setting, as the command line gave them
 * @param env the environment, e.g. `process.env`
 * @throws {ConfigError} naming every variable that is wrong, what is wrong with it, and an example
 */
export function readConfig(flags: Flags, env: Env): Config {
  return readSettings(SETTINGS, flags, env) as Config;
}

/** What a server without a socket is told. */
export type StdioConfig = Pick<Config, 'keys' | 'keysFile' | 'audience' | 'notBefore' | 'maxHandleLength' | 'tools' | 'logLevel'>;

/** Reads the configuration of a server over standard input and output: what concerns sockets is not looked at. */
export function readStdioConfig(flags: Flags, env: Env): StdioConfig {
  return readSettings(
    SETTINGS.filter(({ http }) => !http),
    flags,
    env,
  ) as StdioConfig;
}

/** Reads some of the settings, for a command that needs no more. Otherwise like {@link readConfig}. */
export function readSettings(settings: readonly Setting[], flags: Flags, env: Env): Partial<Config> {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const setting of settings) {
    const given = givenFor(setting, flags, env);
    if (given === undefined) continue;
    const parsed = setting.schema.safeParse(given.value);
    if (parsed.success) config[setting.key] = parsed.data;
    else problems.push(problemWith(setting, given, parsed.error.issues[0]?.message ?? 'is not valid'));
  }
  if (config['keys'] !== undefined && config['keysFile'] !== undefined && flags['keysFile'] === undefined) {
    problems.push('WAXSEAL_KEYS and WAXSEAL_KEYS_FILE are both set, and may differ: set one of them.');
  }
  if ((config['authIssuer'] === undefined) !== (config['authAudience'] === undefined)) {
    problems.push('--auth-issuer and --auth-audience belong together: set both (WAXSEAL_AUTH_ISSUER, WAXSEAL_AUTH_AUDIENCE), or neither.');
  }
  if (config['authScopes'] !== undefined && config['authIssuer'] === undefined) {
    problems.push('--auth-scopes needs --auth-issuer and --auth-audience: without them there are no access tokens to have scopes.');
  }
  if (config['authIssuer'] !== undefined && config['allowAnonymous'] === true) {
    problems.push('--auth-issuer requires access tokens and --allow-anonymous does without: set one of them.');
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return config;
}

interface Given {
  readonly source: string;
  readonly value: string;
}

/** An empty variable counts as not set: that is how most deployment tools write "none". */
function givenFor(setting: Setting, flags: Flags, env: Env): Given | undefined {
  const flag = flags[setting.key];
  if (flag !== undefined) return { source: (setting.flag as string).split(' ')[0] as string, value: String(flag) };
  const variable = setting.env.find((name) => env[name] !== undefined && env[name] !== '');
  if (variable !== undefined) return { source: variable, value: env[variable] as string };
  return setting.default === undefined ? undefined : { source: setting.key, value: setting.default };
}

function problemWith({ key, example }: Setting, { source, value }: Given, problem: string): string {
  // The one value that is secret is not repeated.
  const shown = key === 'keys' ? '' : ` (it is ${JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)})`;
  return `${source} ${problem}${shown}. Example: ${source.startsWith('--') ? `${source} ${example}` : `${source}='${example}'`}`;
}
