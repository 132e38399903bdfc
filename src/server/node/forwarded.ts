/** Requests that came by way of others: whose they are, and that they did. */
import { BlockList, isIP } from 'node:net';

/** Tells the address that a request came from, given the one that sent it here and its `X-Forwarded-For`. */
export type AddressOf = (sender: string, forwardedFor: string | undefined) => string;

/**
 * Believes `X-Forwarded-For` as far as trusted proxies wrote it, each of which adds at the end the address that it was
 * asked from: the last that no trusted proxy has is the caller's. What stands there and is no address tells nothing,
 * and the proxy that wrote it counts.
 *
 * @param proxies IP addresses and ranges
 */
export function addressThrough(proxies: readonly string[]): AddressOf {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    if (bits === undefined) trusted.addAddress(address, familyOf(address));
    else trusted.addSubnet(address, Number(bits), familyOf(address));
  }
  return (sender, forwardedFor = '') => {
    let address = sender;
    for (const hop of forwardedFor.split(',').reverse()) {
      const before = withoutPort(hop.trim());
      if (isIP(before) === 0 || !trusted.check(address, familyOf(address))) break;
      address = before;
    }
    return address;
  };
}

/** What is limited together: an IPv4 address, or the /64 of an IPv6 one, which is one subscriber's. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  // A URL spells an address in one way, without a zone and without dots.
  const [front = '', back = ''] = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [front.split(':').filter(Boolean), back.split(':').filter(Boolean)];
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}

/** Headers that tunnels and proxies add, and clients of their own machine do not. */
const FORWARDING = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-original-host',
  'x-real-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fly-client-ip',
];

/** Whether somebody passed a request on, as its headers tell. */
export function isForwarded(headers: Readonly<Record<string, unknown>>): boolean {
  return FORWARDING.some((name) => headers[name] !== undefined);
}

/** Some proxies write the port, too: `203.0.113.8:50001`, `[2001:db8::1]:443`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
