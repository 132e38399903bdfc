/** Checks the hostnames in `Host` and `Origin` against the names that a server serves. */
import { ConfigError } from './config-error.ts';
import { LOOPBACK_NAMES } from './loopback.ts';

/**
 * The hostnames that a server serves, without ports. `*.example.com` means every name below `example.com`, and `'any'`
 * means every name.
 */
export type Names = readonly string[] | 'any';

/** A name has no scheme, port or path. A star can only stand at the start. */
const NAME = /^(?:\[[0-9a-f:.]+\]|(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)$/i;

/** Tells whether a text can match a hostname. */
export function isName(text: string): boolean {
  return NAME.test(text) && URL.canParse(`http://${text.replace('*.', '')}`);
}

/** Spells names as URLs spell hostnames, so that both can be compared. */
export function canonicalNames(names: readonly string[]): readonly string[] {
  const canonical = (name: string) => new URL(`http://${name}`).hostname;
  return names.map((name) => (name.startsWith('*.') ? `*.${canonical(name.slice(2))}` : canonical(name)));
}

/**
 * Checks names that a program passed, and spells them as URLs spell hostnames.
 *
 * @param option the name of the option, for the error
 * @throws {ConfigError} `invalid_configuration`: a name can match no hostname
 */
export function requireNames(names: Names, option: string): Names {
  if (names === 'any') return names;
  const wrong = names.find((name) => !isName(name));
  if (wrong === undefined) return canonicalNames(names);
  throw new ConfigError(
    `${option}: ${JSON.stringify(wrong)} matches no hostname. Write hostnames without scheme or port, or *.example.com for every name below example.com.`,
  );
}

/** Tells whether any name is not a loopback name. */
export function reachBeyond(names: Names): boolean {
  return names === 'any' || names.some((name) => !LOOPBACK_NAMES.includes(name));
}

/** Tells whether a request with this `Host` is served. The port and a final dot do not matter. */
export function isServedHost(host: string | null | undefined, names: Names): boolean {
  if (names === 'any') return true;
  const hostname = hostnameOf(host);
  return hostname !== undefined && isAmong(hostname, names);
}

/**
 * Tells whether a health probe with this `Host` is served. Probes often send an IP address or no `Host`. Both are safe,
 * because DNS rebinding needs a name. A name must be a served name or a loopback name.
 */
export function isServedProbe(host: string | null | undefined, names: Names): boolean {
  if (names === 'any' || !host) return true;
  const hostname = hostnameOf(host);
  return hostname !== undefined && (ADDRESS.test(hostname) || isAmong(hostname, [...LOOPBACK_NAMES, ...names]));
}

/**
 * Tells whether a request with this `Origin` is served. A request without an `Origin` is always served, because it does
 * not come from a web page.
 */
export function isServedOrigin(origin: string | null | undefined, names: Names): boolean {
  if (!origin) return true;
  if (names === 'any') return true;
  // An `Origin` that is not a URL is refused. Any web page can send the origin "null".
  const hostname = URL.canParse(origin) ? new URL(origin).hostname : '';
  return hostname !== '' && isAmong(hostname, names);
}

/** Matches an IP address as URLs spell it. */
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])$/;

/** Matches a hostname with an optional port, without characters that are special in a URL, such as `/` and `@`. */
const HOST = /^(\[[0-9a-f:.]+\]|[^\s/\\?#@:[\]]+)(?::\d*)?$/i;

function hostnameOf(host: string | null | undefined): string | undefined {
  const name = HOST.exec(host ?? '')?.[1]?.replace(/\.$/, '');
  return name !== undefined && URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : undefined;
}

function isAmong(hostname: string, names: readonly string[]): boolean {
  return names.some((name) =>
    name.startsWith('*.') ? hostname.endsWith(name.slice(1)) && hostname.length >= name.length : hostname === name,
  );
}
