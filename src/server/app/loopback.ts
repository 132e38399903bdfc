/** Recognises addresses, URLs and hostnames that lead only to this machine. */

/** The loopback names of this machine, without ports, in the spelling of `Host`, `Origin` and URLs. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Matches an address of 127.0.0.0/8 (RFC 1122 §3.2.1.3) in its usual spelling. */
const LOOPBACK_IPV4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** Tells whether only programs on this machine can reach a server that listens on the address. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || LOOPBACK_IPV4.test(address);
}

/** Tells whether the host in a URL is this machine, so that a request to the URL crosses no network. */
export function isLoopbackUrl({ hostname }: URL): boolean {
  return LOOPBACK_NAMES.includes(hostname);
}

/**
 * Tells whether the transport of a URL is secure, so that nobody can change a response on its way. This is true for https, and
 * for http to this machine.
 */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(url));
}

/**
 * Tells whether a URL can be the identifier of an issuer (RFC 8414 §2) or of a resource (RFC 9728 §1.2). Such a URL must be
 * secure as {@link isSecureUrl} defines it, and must have neither a query nor a fragment.
 */
export function isIdentifierUrl(text: string): boolean {
  if (!isSecureUrl(text)) return false;
  const { search, hash } = new URL(text);
  return search === '' && hash === '' && !text.endsWith('#') && !text.endsWith('?');
}
