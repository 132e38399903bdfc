/**
 * Reads environment variables. Deployment tools put quotation marks and white space around values, and add variables that
 * nobody meant for this server.
 */
import { SETTINGS } from './settings.ts';

/** Environment variables, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Returns the value of a variable, without the quotation marks, the white space and the byte order mark around the value.
 * `docker run --env-file` keeps quotation marks, files from Windows contain carriage returns, and secret managers add a line
 * break.
 */
export function valueIn(env: Env, variable: string): string {
  const text = trimmed(env[variable] ?? '');
  const [, , quoted] = /^(["'`])([\s\S]*)\1$/.exec(text) ?? [];
  return trimmed(quoted ?? text);
}

function trimmed(text: string): string {
  return text.replace(/^\uFEFF/, '').trim();
}

/**
 * Matches the address that Kubernetes puts into a variable. If a namespace has a service named `x`, Kubernetes sets `X_PORT` in
 * every pod of the namespace to the address of that service.
 */
const SERVICE_LINK = /^(?:tcp|udp|sctp):\/\//;

/** Matches the names of the other variables that Kubernetes sets for a service. */
const OF_A_SERVICE = /_SERVICE_(?:HOST|PORT)(?:_[A-Z0-9_]+)?$|_PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_[A-Z]+)?$/;

/** Tells whether a variable is `WAXSEAL_PORT`, but its value is the address of a Kubernetes service and not a port. */
export function isServiceLink(variable: string, text: string): boolean {
  return variable === 'WAXSEAL_PORT' && SERVICE_LINK.test(text);
}

/** The other variables that Waxseal reads: one for the wallet, and one that the server sets for its workers. */
const OTHERS = ['WAXSEAL_WALLET_HEADERS', 'WAXSEAL_WORKER_PLACE'];

/** Returns a line for the log about each variable that the server ignores, although its name begins with `WAXSEAL_`. */
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
