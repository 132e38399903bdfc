/** Reads the headers of requests that a proxy forwarded: finds the caller's address, and tells whether a request was forwarded. */
import { BlockList, isIP } from 'node:net';

/** Finds the address of a caller, from the address at the other end of the connection and the header `X-Forwarded-For`. */
export type AddressOf = (sender: string, forwardedFor: string | undefined) => string;

/**
 * Makes a function that finds the caller's address in `X-Forwarded-For`. Each proxy adds the address of its own client at the
 * end of this header. The function reads the header from its end, and believes an address only if a trusted proxy added it.
 * So the caller's address is the last address in the header that is not a trusted proxy's. If a proxy wrote a text that is not
 * an address, the function returns the address of that proxy.
 *
 * @param proxies the IP addresses and address ranges of the trusted proxies
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

/**
 * Returns the network that the rate limit counts as one caller. For IPv4 this is the address itself. For IPv6 it is the /64
 * network of the address, because one subscriber usually has a whole /64 network.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  // `new URL` puts an IPv6 address into its one canonical spelling. It refuses a zone (`%eth0`), so the zone is removed first.
  const [front = '', back = ''] = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [front.split(':').filter(Boolean), back.split(':').filter(Boolean)];
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`;
}

/** The headers that tunnels and proxies add. A client on this machine does not send any of these headers. */
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

/** Tells whether the headers of a request show that a tunnel or a proxy forwarded the request. */
export function isForwarded(headers: Readonly<Record<string, unknown>>): boolean {
  return FORWARDING.some((name) => headers[name] !== undefined);
}

/** Removes the port that some proxies add to an address: `203.0.113.8:50001`, `[2001:db8::1]:443`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
