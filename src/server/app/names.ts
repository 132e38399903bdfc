/** Checks the hostnames in `Host` and `Origin` against the names that a server serves. */
import { ConfigError } from './config-error.ts';
import { LOOPBACK_NAMES } from './loopback.ts';

/**
 * The hostnames that a server serves, without ports. `*.example.com` means every name below `example.com`. `'any'` in place
 * of the list means every name.
 */
export type Names = readonly string[] | 'any';

/** The spelling of a name. It contains no scheme, no port and no path. A star can only stand at the start. */
const NAME = /^(?:\[[0-9a-f:.]+\]|(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)$/i;

/** Tells whether a text is a name that can match a hostname. */
export function isName(text: string): boolean {
  return NAME.test(text) && URL.canParse(`http://${text.replace('*.', '')}`);
}

/** Returns the names in the spelling that hostnames have in a URL, so that they can be compared with such hostnames. */
export function canonicalNames(names: readonly string[]): readonly string[] {
  const canonical = (name: string) => new URL(`http://${name}`).hostname;
  return names.map((name) => (name.startsWith('*.') ? `*.${canonical(name.slice(2))}` : canonical(name)));
}

/**
 * Checks the names that a program gave, and returns them in the spelling that hostnames have in a URL.
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

/** Tells whether the names include at least one name that is not a loopback name. */
export function reachBeyond(names: Names): boolean {
  return names === 'any' || names.some((name) => !LOOPBACK_NAMES.includes(name));
}

/** Tells whether a request with this `Host` is served. The port and a dot at the end of the name do not matter. */
export function isServedHost(host: string | null | undefined, names: Names): boolean {
  if (names === 'any') return true;
  const hostname = hostnameOf(host);
  return hostname !== undefined && isAmong(hostname, names);
}

/**
 * Tells whether a health probe with this `Host` is served. Probes often send an IP address, or no `Host`. The server accepts
 * both, because an attack by DNS rebinding needs a name. If the `Host` is a name, it must be a served name or a loopback name.
 */
export function isServedProbe(host: string | null | undefined, names: Names): boolean {
  if (names === 'any' || !host) return true;
  const hostname = hostnameOf(host);
  return hostname !== undefined && (ADDRESS.test(hostname) || isAmong(hostname, [...LOOPBACK_NAMES, ...names]));
}

/** Tells whether a request with this `Origin` is served. A request without an `Origin` does not come from a web page, so it is served. */
export function isServedOrigin(origin: string | null | undefined, names: Names): boolean {
  if (!origin) return true;
  if (names === 'any') return true;
  // An `Origin` that is not a URL is refused. One such text is "null", which any web page can send as its origin.
  const hostname = URL.canParse(origin) ? new URL(origin).hostname : '';
  return hostname !== '' && isAmong(hostname, names);
}

/** Matches an IP address in the spelling of a URL: IPv4 with four numbers, or IPv6 in brackets. */
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])$/;

/** Matches a hostname with an optional port. Characters that have a special meaning in a URL, such as `/` and `@`, do not match. */
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
