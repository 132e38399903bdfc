/** Reads environment variables. Deployment tools quote values, and add variables that are not for this server. */
import { SETTINGS } from './settings.ts';

/** Environment variables, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Returns the value of a variable, as {@link plainValue} reads it. */
export function valueIn(env: Env, variable: string): string {
  return plainValue(env[variable] ?? '');
}

/**
 * Returns a value without quotation marks, white space and a byte order mark around it. `docker run --env-file` and lists
 * of arguments keep quotation marks, Windows files contain carriage returns, and secret managers add line breaks.
 */
export function plainValue(given: string): string {
  const text = trimmed(given);
  const [, , quoted] = /^(["'`])([\s\S]*)\1$/.exec(text) ?? [];
  return trimmed(quoted ?? text);
}

function trimmed(text: string): string {
  return text.replace(/^\uFEFF/, '').trim();
}

/**
 * Matches a Kubernetes service link. For a service named `x`, Kubernetes sets `X_PORT` in every pod of the namespace to
 * the address of the service.
 */
const SERVICE_LINK = /^(?:tcp|udp|sctp):\/\//;

/** Matches the other variables that Kubernetes sets for a service. */
const OF_A_SERVICE = /_SERVICE_(?:HOST|PORT)(?:_[A-Z0-9_]+)?$|_PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_[A-Z]+)?$/;

/** Tells whether a variable is `WAXSEAL_PORT`, set by Kubernetes for a service named `waxseal`. */
export function isServiceLink(variable: string, text: string): boolean {
  return variable === 'WAXSEAL_PORT' && SERVICE_LINK.test(text);
}

/** Variables that are not settings: the wallet's headers, and the number and port that a worker process gets. */
const OTHERS = ['WAXSEAL_WALLET_HEADERS', 'WAXSEAL_WORKER_PLACE'];

/** Returns a log line for each ignored variable whose name begins with `WAXSEAL_`. */
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
