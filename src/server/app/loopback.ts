/** What reaches no further than this machine: addresses to listen on, hosts of URLs, and names in `Host` and `Origin`. */

/** This machine's own names, as they stand in `Host`, in `Origin` and in URLs, without ports. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Any address of 127.0.0.0/8 (RFC 1122 §3.2.1.3), in its usual spelling. */
const LOOPBACK_IPV4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** Whether a server that listens on an address can be reached from this machine alone. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || LOOPBACK_IPV4.test(address);
}

/** Whether a URL's host is this machine, so that nobody is on the way to it. */
export function isLoopbackUrl({ hostname }: URL): boolean {
  return LOOPBACK_NAMES.includes(hostname);
}

/** Whether what comes from a URL can be believed: https, or http on this machine. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(url));
}

/** Whether a URL can be an issuer's or a resource's identifier (RFC 8414 §2, RFC 9728 §1.2): secure, without query or fragment. */
export function isIdentifierUrl(text: string): boolean {
  if (!isSecureUrl(text)) return false;
  const { search, hash } = new URL(text);
  return search === '' && hash === '' && !text.endsWith('#') && !text.endsWith('?');
}
