/** Requests that a proxy forwarded: the address of the caller, and the sign that somebody forwarded them. */
import { BlockList, isIP } from 'node:net';

/** Tells the address of the caller, from the address of the connection and the header `X-Forwarded-For`. */
export type AddressOf = (sender: string, forwardedFor: string | undefined) => string;

/**
 * Believes `X-Forwarded-For` as far as trusted proxies wrote it. Each proxy adds the address of its own client at the end
 * of the header. So the last address that belongs to no trusted proxy is the caller's. If a proxy wrote something else
 * than an address, the address of that proxy counts.
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

/** Returns the network whose requests are limited together: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  // A URL spells each IPv6 address in only one way. A URL has no zone, so the zone is removed first.
  const [front = '', back = ''] = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [front.split(':').filter(Boolean), back.split(':').filter(Boolean)];
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}

/** Headers that tunnels and proxies add. A client on this machine does not send them. */
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

/** Whether the headers of a request say that somebody forwarded it. */
export function isForwarded(headers: Readonly<Record<string, unknown>>): boolean {
  return FORWARDING.some((name) => headers[name] !== undefined);
}

/** Removes the port that some proxies write: `203.0.113.8:50001`, `[2001:db8::1]:443`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
