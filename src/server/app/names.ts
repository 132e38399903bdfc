/** Which names in `Host` and `Origin` are served: those of this machine, those that somebody wrote down, or any. */
import { ConfigError } from './config-error.ts';
import { LOOPBACK_NAMES } from './loopback.ts';

/** Hostnames without ports, `*.example.com` for all below `example.com`, or any at all. */
export type Names = readonly string[] | 'any';

/** What has a scheme, a port, a path or a star anywhere but in front can match no hostname. */
const NAME = /^(?:\[[0-9a-f:.]+\]|(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*)$/i;

/** Whether a text is a name that can match. */
export function isName(text: string): boolean {
  return NAME.test(text) && URL.canParse(`http://${text.replace('*.', '')}`);
}

/** Names as a URL would spell them, which is how they are compared. */
export function canonicalNames(names: readonly string[]): readonly string[] {
  const canonical = (name: string) => new URL(`http://${name}`).hostname;
  return names.map((name) => (name.startsWith('*.') ? `*.${canonical(name.slice(2))}` : canonical(name)));
}

/**
 * Names that a program gave.
 *
 * @param option what they were given as, for the error
 * @throws {ConfigError} where one can match nothing
 */
export function requireNames(names: Names, option: string): Names {
  if (names === 'any') return names;
  const wrong = names.find((name) => !isName(name));
  if (wrong === undefined) return canonicalNames(names);
  throw new ConfigError(
    `${option}: ${JSON.stringify(wrong)} matches no hostname. Write hostnames without scheme or port, or *.example.com for all below one.`,
  );
}

/** Whether names reach beyond this machine. */
export function reachBeyond(names: Names): boolean {
  return names === 'any' || names.some((name) => !LOOPBACK_NAMES.includes(name));
}

/** Whether a request for this `Host` is served. Its port does not count, and neither does the dot that ends a full name. */
export function isServedHost(host: string | null | undefined, names: Names): boolean {
  if (names === 'any') return true;
  const hostname = hostnameOf(host);
  return hostname !== undefined && isAmong(hostname, names);
}

/**
 * Whether a probe for this `Host` is served. Probes name the address, or nothing: a name that was made to point here
 * (DNS rebinding) they do not have, and other names are as everywhere.
 */
export function isServedProbe(host: string | null | undefined, names: Names): boolean {
  if (names === 'any' || !host) return true;
  const hostname = hostnameOf(host);
  return hostname !== undefined && (ADDRESS.test(hostname) || isAmong(hostname, [...LOOPBACK_NAMES, ...names]));
}

/** Whether a web page of this `Origin` may call. Whoever sends none is no web page; what cannot be read is refused. */
export function isServedOrigin(origin: string | null | undefined, names: Names): boolean {
  if (!origin) return true;
  if (names === 'any') return true;
  // "null" is what every page can have itself called.
  const hostname = URL.canParse(origin) ? new URL(origin).hostname : '';
  return hostname !== '' && isAmong(hostname, names);
}

/** As a URL has them: IPv4 with four numbers, IPv6 in brackets. */
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])$/;

/** A hostname and perhaps a port, and nothing that a URL would read in another way. */
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
