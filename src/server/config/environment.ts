/** Environment variables as tools write them: with quotes, with spaces, and beside variables that nobody meant for this server. */
import { SETTINGS } from './settings.ts';

/** Environment variables, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Returns the value of a variable without the quotes, the white space and the byte order mark around it. `docker run
 * --env-file` keeps quotes, files from Windows have carriage returns, and secret managers add a line break.
 */
export function valueIn(env: Env, variable: string): string {
  const text = trimmed(env[variable] ?? '');
  const [, , quoted] = /^(["'`])([\s\S]*)\1$/.exec(text) ?? [];
  return trimmed(quoted ?? text);
}

function trimmed(text: string): string {
  return text.replace(/^\uFEFF/, '').trim();
}

/** The value that Kubernetes gives `*_PORT` in every pod beside a service: an address. Nobody meant it as a setting. */
const SERVICE_LINK = /^(?:tcp|udp|sctp):\/\//;

/** The other variables that Kubernetes adds for a service. */
const OF_A_SERVICE = /_SERVICE_(?:HOST|PORT)(?:_[A-Z0-9_]+)?$|_PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_[A-Z]+)?$/;

/** Tells whether a value of `WAXSEAL_PORT` is an address that Kubernetes gave for a service named waxseal. */
export function isServiceLink(variable: string, text: string): boolean {
  return variable === 'WAXSEAL_PORT' && SERVICE_LINK.test(text);
}

/** The variables that are no settings: they belong to the wallet, and to the server's own worker processes. */
const OTHERS = ['WAXSEAL_WALLET_HEADERS', 'WAXSEAL_WORKER_PLACE'];

/** Returns a line for the log about each variable that the server ignores, though its name begins like that of a setting. */
export function ignoredVariables(env: Env): string[] {
  const known: ReadonlySet<string> = new Set([...SETTINGS.flatMap(({ env }) => env), ...OTHERS]);
  const given = Object.entries(env).filter(([variable, text]) => variable.startsWith('WAXSEAL_') && text !== undefined && text !== '');
  return given.flatMap(([variable, text = '']) => {
    if (isServiceLink(variable, text))
      return [`${variable} is a Kubernetes service link and not a port, so it is ignored. Set the port with --port or PORT.`];
    if (known.has(variable) || OF_A_SERVICE.test(variable) || SERVICE_LINK.test(text)) return [];
    return [`${variable} is not a setting, so it is ignored. waxseal serve --help lists the variables.`];
  });
}
