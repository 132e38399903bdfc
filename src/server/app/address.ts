/** Matches an IPv6 address that stands for an IPv4 address (RFC 4291 §2.5.5.2), as URLs spell it. */
const MAPPED = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/**
 * Gives an IP address a single spelling. An IPv6 address that stands for an IPv4 address becomes this IPv4 address.
 *
 * @param address an IP address without brackets; an IPv6 address may have a zone (`%eth0`), which is left out
 */
export function canonicalAddress(address: string): string {
  if (!address.includes(':')) return address;
  const canonical = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1);
  const halves = MAPPED.exec(canonical)
    ?.slice(1)
    .map((half) => Number.parseInt(half, 16));
  return halves?.flatMap((half) => [half >> 8, half & 255]).join('.') ?? canonical;
}
