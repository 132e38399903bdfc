/** The proxy that the environment names for a server, and requests through it. */
import { BlockList, isIP } from 'node:net';
import type { Dispatcher, ProxyAgent } from 'undici';

/** The environment, as `process.env` has it. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A proxy to reach a server through. */
export interface HttpProxy {
  /** Its URL, with what it wants to know of whoever asks: never to be shown. */
  readonly url: URL;
  /** For people: `proxy.example:3128 (HTTPS_PROXY)`. */
  readonly title: string;
}

/** A variable names a proxy that is none. The message names the variable, and nothing of what it holds: that may be a password. */
export class ProxyError extends Error {}

const SCHEMES: Readonly<Record<string, string>> = { 'http:': 'http_proxy', 'https:': 'https_proxy' };

/**
 * The proxy for a server, as curl and most programs have it: `HTTPS_PROXY` or `HTTP_PROXY`, by the scheme of the server's
 * URL, else `ALL_PROXY`, unless `NO_PROXY` excepts the server; each in lower case, which goes first, or in upper case.
 *
 * @returns undefined where the server is to be reached straight
 * @throws {ProxyError}
 */
export function proxyFor(server: URL, environment: Variables): HttpProxy | undefined {
  const named = [SCHEMES[server.protocol], 'all_proxy']
    .flatMap((name) => (name === undefined ? [] : [name, name.toUpperCase()]))
    .find((name) => environment[name] !== undefined);
  const text = named === undefined ? '' : (environment[named] ?? '').trim();
  if (named === undefined || text === '') return undefined;
  if (isExcepted(server, environment['no_proxy'] ?? environment['NO_PROXY'] ?? '')) return undefined;
  // `proxy.example:3128` would be a URL of the scheme "proxy.example".
  const spelt = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(spelt)) throw new ProxyError(`${named} names a proxy by no URL that can be read. Expected: http://HOST:PORT`);
  const url = new URL(spelt);
  if (!['http:', 'https:'].includes(url.protocol)) {
    throw new ProxyError(
      `${named} names a proxy of the scheme "${url.protocol.slice(0, -1)}", which the wallet does not speak. Expected: http://HOST:PORT, or nothing.`,
    );
  }
  return { url, title: `${url.host} (${named})` };
}

/**
 * Whether `NO_PROXY` excepts a server. Its entries, separated by commas or blanks, are `*`; a host, for itself and all names
 * below it, with a dot or `*.` before it or without; an address; a range of addresses, `10.0.0.0/8`; all but ranges with a
 * port behind them or without.
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

/** A host name as it is compared: an IPv6 address without its brackets, a name without the dot at its end. */
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

/** What requests are made with. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** `fetch` through a proxy: by a tunnel (CONNECT, RFC 9110 §9.3.6) to a server over TLS, else by asking the proxy itself. */
export function fetchThrough({ url }: HttpProxy, server: URL): Fetch {
  // Only who has a proxy pays for loading this: the fetch of Node cannot be told of one.
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
    // Without them, so that no error can repeat them.
    uri: origin,
    ...(username !== '' && { token: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    proxyTunnel: server.protocol === 'https:',
  });
}
