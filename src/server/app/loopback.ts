/** Recognizes addresses, URLs and hostnames that reach no further than this machine. */

/** The loopback names of this machine as `Host`, `Origin` and URLs spell them, without ports. */
export const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Any address of 127.0.0.0/8 (RFC 1122 §3.2.1.3), in its usual spelling. */
const LOOPBACK_IPV4 = /^127(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;

/** Tells whether only this machine can reach a server that listens on the address. */
export function isLoopbackAddress(address: string): boolean {
  return address === 'localhost' || address === '::1' || LOOPBACK_IPV4.test(address);
}

/** Tells whether the URL's host is this machine, so that no network lies between. */
export function isLoopbackUrl({ hostname }: URL): boolean {
  return LOOPBACK_NAMES.includes(hostname);
}

/** Tells whether a response from the URL can be trusted: its scheme is https, or http on this machine. */
export function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackUrl(url));
}

/**
 * Tells whether a URL can be the identifier of an issuer (RFC 8414 §2) or a resource (RFC 9728 §1.2): it is secure in the
 * sense of {@link isSecureUrl}, and has no query and no fragment.
 */
export function isIdentifierUrl(text: string): boolean {
  if (!isSecureUrl(text)) return false;
  const { search, hash } = new URL(text);
  return search === '' && hash === '' && !text.endsWith('#') && !text.endsWith('?');
}
