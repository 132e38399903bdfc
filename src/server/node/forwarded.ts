/** Reads the headers that proxies add to requests. */
import { BlockList, isIP } from 'node:net';
import { canonicalAddress } from '../app/address.ts';

/** Finds a caller's address, from the address of the connection and the header `X-Forwarded-For`. */
export type AddressOf = (sender: string, forwardedFor: string | undefined) => string;

/**
 * Makes a function that finds the caller's address in `X-Forwarded-For`. Each proxy adds its client's address at the
 * end. So the function reads from the end, and stops at the first address that is not a trusted proxy's. If a trusted
 * proxy wrote a text that is not an address, the function returns that proxy's address.
 *
 * @param proxies the addresses and address ranges of the trusted proxies
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
    const hops = forwardedFor.split(',').map((hop) => hop.trim());
    // An empty element of a list does not count (RFC 9110 §5.6.1).
    for (const hop of hops.filter((hop) => hop !== '').reverse()) {
      const before = withoutPort(hop);
      if (isIP(before) === 0 || !trusted.check(address, familyOf(address))) break;
      address = before;
    }
    return address;
  };
}

/**
 * Returns the network that the rate limit counts as one caller: an IPv4 address, or an IPv6 /64 network, which usually
 * belongs to one subscriber.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const canonical = canonicalAddress(address);
  if (isIP(canonical) === 4) return canonical;
  const [front = '', back = ''] = canonical.split('::');
  const [first, last] = [front.split(':').filter(Boolean), back.split(':').filter(Boolean)];
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}

/** The headers that tunnels and proxies add, and that local clients do not send. */
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

export function isForwarded(headers: Readonly<Record<string, unknown>>): boolean {
  return FORWARDING.some((name) => headers[name] !== undefined);
}

/** Some proxies add a port: `203.0.113.8:50001`, `[2001:db8::1]:443`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
