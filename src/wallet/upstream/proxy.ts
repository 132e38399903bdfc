/** Finds the proxy in the environment, and sends requests through it. */
import { BlockList, isIP } from 'node:net';
import type { Dispatcher, ProxyAgent } from 'undici';

/** Environment variables, as in `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface HttpProxy {
  /** The URL. It may contain a password, so it must never be shown. */
  readonly url: URL;
  /** The name in messages: `proxy.example:3128 (HTTPS_PROXY)`. */
  readonly title: string;
}

/** The error for a variable without a usable proxy. The message omits the value, which may contain a password. */
export class ProxyError extends Error {}

const SCHEMES: Readonly<Record<string, string>> = { 'http:': 'http_proxy', 'https:': 'https_proxy' };

/**
 * Returns the proxy for a server, by the rules of most programs:
 * - `HTTPS_PROXY` or `HTTP_PROXY` applies, by the scheme of the server's URL. If it is not set, `ALL_PROXY` applies.
 * - `NO_PROXY` excludes servers.
 * - A variable in lower case overrides the one in upper case.
 *
 * @returns undefined if no proxy applies
 * @throws {ProxyError} if the variable does not name a proxy over HTTP
 */
export function proxyFor(server: URL, environment: Variables): HttpProxy | undefined {
  const named = [SCHEMES[server.protocol], 'all_proxy']
    .flatMap((name) => (name === undefined ? [] : [name, name.toUpperCase()]))
    .find((name) => environment[name] !== undefined);
  const text = named === undefined ? '' : (environment[named] ?? '').trim();
  if (named === undefined || text === '') return undefined;
  if (isExcepted(server, environment['no_proxy'] ?? environment['NO_PROXY'] ?? '')) return undefined;
  // Without http://, `proxy.example:3128` would be a URL with the scheme "proxy.example".
  const spelt = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(spelt)) throw new ProxyError(`${named} names a proxy, but its URL cannot be read. Expected: http://HOST:PORT`);
  const url = new URL(spelt);
  if (!['http:', 'https:'].includes(url.protocol)) {
    throw new ProxyError(
      `${named} names a proxy with the scheme "${url.protocol.slice(0, -1)}", which the wallet does not support. Expected: http://HOST:PORT, or no value.`,
    );
  }
  return { url, title: `${url.host} (${named})` };
}

/**
 * Tells whether `NO_PROXY` excludes a server. Commas or spaces separate its entries: `*`, a hostname, an IP address, or
 * a range like `10.0.0.0/8`. A hostname includes its subdomains, and may begin with a dot or `*.`. All but ranges may
 * have a port.
 */
function isExcepted(server: URL, list: string): boolean {
  const host = bare(server.hostname);
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry.includes('/')) return isWithin(host, entry);
      const [, named = entry, onPort] = /^(\[.*\]|[^:]+):([0-9]+)$/.exec(entry) ?? [];
      if (onPort !== undefined && onPort !== port) return false;
      const name = bare(named).replace(/^\*?\./, '');
      return name === '*' || host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
    });
}

/** Returns a host for comparisons: IPv6 without brackets, and a name without a dot at its end. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function isWithin(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const [family, width] = isIP(network) === 6 ? (['ipv6', 128] as const) : (['ipv4', 32] as const);
  if (isIP(host) === 0 || isIP(network) === 0 || !/^[0-9]{1,3}$/.test(bits) || Number(bits) > width) return false;
  const addresses = new BlockList();
  addresses.addSubnet(network, Number(bits), family);
  return addresses.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

/** What the wallet uses of `fetch`. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * Makes a `fetch` through a proxy. Requests to an `https:` server go through a tunnel (CONNECT, RFC 9110 §9.3.6). A
 * request to an `http:` server goes to the proxy, which passes it on.
 */
export function fetchThrough({ url }: HttpProxy, server: URL): Fetch {
  // Node's own fetch takes no proxy. undici is loaded only for a proxy.
  let loading: Promise<{ fetch: typeof import('undici').fetch; dispatcher: Dispatcher }> | undefined;
  const load = async () => {
    const undici = await import('undici');
    return { fetch: undici.fetch, dispatcher: agentFor(undici.ProxyAgent, url, server) };
  };
  return async (target, init) => {
    loading ??= load();
    const { fetch, dispatcher } = await loading;
    return (await fetch(target, { ...(init as object), dispatcher })) as unknown as Response;
  };
}

function agentFor(Agent: typeof ProxyAgent, { origin, username, password }: URL, server: URL): ProxyAgent {
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return new Agent({
    // The origin has no credentials, so no error can contain them.
    uri: origin,
    ...(username !== '' && { token: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    proxyTunnel: server.protocol === 'https:',
  });
}
