/** Checks the hostnames in `Host` and `Origin` against the names that a server serves. */
import { ConfigError } from './config-error.ts';
import { LOOPBACK_NAMES } from './loopback.ts';
import { singleOf } from './request/headers.ts';

/**
 * The hostnames that a server serves, without ports. `*.example.com` means every name below `example.com`, and `'any'`
 * means every name.
 */
export type Names = readonly string[] | 'any';

/** Matches a hostname as URLs spell it. */
const HOSTNAME = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)$/;

/** Matches an IPv6 address without brackets. A hostname with a port has only one colon. */
const BARE_IPV6 = /^[0-9a-f]*:[0-9a-f.]*:[0-9a-f:.]*$/i;

/** Tells whether a text is the word for every name. */
export function isAny(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'any';
}

/**
 * Spells a name as URLs spell hostnames, so that both can be compared. A star can only stand at the start.
 *
 * @returns undefined if the text can match no hostname, such as a text with a scheme, a port or a path
 */
export function canonicalName(text: string): string | undefined {
  const star = text.startsWith('*.') ? '*.' : '';
  const bare = text.slice(star.length).replace(/\.$/, '');
  const host = BARE_IPV6.test(bare) ? `[${bare}]` : bare;
  if (/[\s/\\?#@%]/.test(host) || (host.includes(':') && !(star === '' && /^\[.*\]$/.test(host)))) return undefined;
  const hostname = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  return HOSTNAME.test(hostname) ? `${star}${hostname}` : undefined;
}

/** Like {@link canonicalName}, but the text may also be an origin without a port, as browsers send it. */
export function canonicalOrigin(text: string): string | undefined {
  return canonicalName(text.replace(/^https?:\/\/([^/]*)\/?$/i, '$1'));
}

/**
 * Checks names that a program passed, and spells them as URLs spell hostnames.
 *
 * @param option the name of the option, for the error
 * @throws {ConfigError} `invalid_configuration`: the option is not a list, or a name can match no hostname
 */
export function requireNames(names: Names, option: 'allowedHosts' | 'allowedOrigins'): Names {
  if (option === 'allowedHosts' && isAny(names)) return 'any';
  if (!Array.isArray(names)) throw new ConfigError(`${option} must be a list of hostnames, such as ['mcp.example.com'].`);
  const given: readonly unknown[] = names;
  if (option === 'allowedHosts' && given.some(isAny)) return 'any';
  return given.map((name) => {
    const isText = typeof name === 'string' && !isAny(name);
    const canonical = isText ? (option === 'allowedHosts' ? canonicalName : canonicalOrigin)(name) : undefined;
    if (canonical !== undefined) return canonical;
    throw new ConfigError(
      `${option}: ${JSON.stringify(name)} matches no hostname. Write hostnames without scheme or port, or *.example.com for every name below example.com.`,
    );
  });
}

/**
 * Returns the hostnames whose web pages may send requests. If every `Host` is served, only the web pages of this machine
 * may, unless `allowedOrigins` names other hosts.
 */
export function originsOf({
  allowedOrigins,
  allowedHosts = 'any',
}: {
  allowedOrigins?: readonly string[] | undefined;
  allowedHosts?: Names | undefined;
}): readonly string[] {
  return allowedOrigins ?? (typeof allowedHosts === 'string' ? LOOPBACK_NAMES : allowedHosts);
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
  const single = singleOf(origin);
  const hostname = URL.canParse(single) ? new URL(single).hostname : '';
  return hostname !== '' && isAmong(hostname, names);
}

/** Matches an IP address as URLs spell it. */
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])$/;

/** Matches a hostname with an optional port, without characters that are special in a URL, such as `/` and `@`. */
const HOST = /^(\[[0-9a-f:.]+\]|[^\s/\\?#@:[\]]+)(?::\d*)?$/i;

/** Returns the hostname in a `Host` header, as URLs spell it. Returns undefined if the header is missing or not valid. */
export function hostnameOf(host: string | null | undefined): string | undefined {
  const name = HOST.exec(host ?? '')?.[1]?.replace(/\.$/, '');
  return name !== undefined && URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : undefined;
}

function isAmong(hostname: string, names: readonly string[]): boolean {
  return names.some((name) =>
    name.startsWith('*.') ? hostname.endsWith(name.slice(1)) && hostname.length >= name.length : hostname === name,
  );
}
