/** Recognises addresses, URLs and hostnames that lead only to this machine. */

/** The loopback names, as `Host`, `Origin` and URLs spell them, without ports. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Matches 127.0.0.0/8 (RFC 1122 §3.2.1.3). */
const LOOPBACK_IPV4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** Tells whether only this machine can reach a server on the address. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || LOOPBACK_IPV4.test(address);
}

/** Tells whether a request to the URL stays on this machine. */
export function isLoopbackUrl({ hostname }: URL): boolean {
  return LOOPBACK_NAMES.includes(hostname);
}

/** Tells whether nobody can change a response on its way: https, or http to this machine. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(url));
}

/**
 * Tells whether a URL can identify an issuer (RFC 8414 §2) or a resource (RFC 9728 §1.2). The URL must be secure,
 * without query or fragment.
 */
export function isIdentifierUrl(text: string): boolean {
  if (!isSecureUrl(text)) return false;
  const { search, hash } = new URL(text);
  return search === '' && hash === '' && !text.endsWith('#') && !text.endsWith('?');
}
