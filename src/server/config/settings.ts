/** Every setting of a server: what it is called, what it takes, and what is said of it in `--help` and in errors. */
import { isIP } from 'node:net';
import * as z from 'zod';
import { isSecureUrl } from '../app/secure-url.ts';
import type { Config } from './config.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One setting: how it is called, what it takes, and what is said of it. */
export interface Setting {
  readonly key: keyof Config;
  /** As commander writes it, with its placeholder. Absent: environment only. */
  readonly flag?: string;
  /** Environment variables, the first that is set wins. */
  readonly env: readonly string[];
  readonly schema: z.ZodType;
  readonly default?: string;
  readonly description: string;
  readonly example: string;
  /** Only where there is a socket. */
  readonly http?: true;
}

const wholeNumber = (from: number, to: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((value) => value >= from && value <= to, `must be a whole number from ${from} to ${to}`);

const hostnames = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
  .refine(
    (names) => names.every((name) => /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)$/i.test(name)),
    'must be hostnames without scheme or port, separated by commas',
  );

/** An identifier as RFC 8414 §2 and RFC 8707 §2 have it; without TLS only where nobody is on the way. */
function isIssuer(text: string): boolean {
  if (!isSecureUrl(text)) return false;
  const { search, hash } = new URL(text);
  return search === '' && hash === '' && !text.endsWith('#') && !text.endsWith('?');
}

function isAddressRange(text: string): boolean {
  const [address = '', bits, ...surplus] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return surplus.length === 0 && most > 0 && (bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= most));
}

const yesOrNo = z.enum(['true', 'false', '1', '0'], 'must be true or false').transform((text) => text === 'true' || text === '1');

export const SETTINGS: readonly Setting[] = [
  {
    key: 'host',
    flag: '--host <address>',
    env: ['WAXSEAL_HOST'],
    schema: z.string().regex(/^[A-Za-z0-9.:-]+$/, 'must be an IP address or a hostname'),
    default: '127.0.0.1',
    description: 'address to listen on',
    example: '0.0.0.0',
    http: true,
  },
  {
    key: 'port',
    flag: '--port <number>',
    env: ['WAXSEAL_PORT', 'PORT'],
    schema: wholeNumber(0, 65_535),
    default: '3000',
    description: 'port to listen on; 0 takes a free one',
    example: '8080',
    http: true,
  },
  {
    key: 'keysFile',
    flag: '--keys <file>',
    env: ['WAXSEAL_KEYS_FILE'],
    schema: z.string().min(1, 'must be the path of a key ring'),
    description: 'key ring, a JWK Set in a file (default: a development ring, made in keys/ on first start)',
    example: '/run/secrets/ring.jwks',
  },
  {
    key: 'keys',
    env: ['WAXSEAL_KEYS'],
    schema: z.string().min(1, 'must be a key ring'),
    description: 'key ring, the JWK Set itself as text',
    example: '{"keys":[...]}',
  },
  {
    key: 'allowAnonymous',
    flag: '--allow-anonymous',
    env: ['WAXSEAL_ALLOW_ANONYMOUS'],
    schema: yesOrNo,
    default: 'false',
    description: 'serve callers without authorization beyond this machine; handles then open for whoever holds them',
    example: 'true',
    http: true,
  },
  {
    key: 'allowedHosts',
    flag: '--allowed-hosts <names>',
    env: ['WAXSEAL_ALLOWED_HOSTS'],
    schema: hostnames,
    description: "hostnames in Host that are served, separated by commas (default: on loopback this machine's own, else any)",
    example: 'mcp.example.com',
    http: true,
  },
  {
    key: 'allowedOrigins',
    flag: '--allowed-origins <names>',
    env: ['WAXSEAL_ALLOWED_ORIGINS'],
    schema: hostnames,
    description: "hostnames in Origin that are served, separated by commas (default: this machine's own)",
    example: 'app.example.com',
    http: true,
  },
  {
    key: 'authIssuer',
    flag: '--auth-issuer <url>',
    env: ['WAXSEAL_AUTH_ISSUER'],
    schema: z.string().refine(isIssuer, 'must be an https URL without query or fragment (http only on this machine)'),
    description: 'require access tokens of this authorization server, for the audience that is named too (default: anonymous callers)',
    example: 'https://login.example.com/',
    http: true,
  },
  {
    key: 'authAudience',
    flag: '--auth-audience <uri>',
    env: ['WAXSEAL_AUTH_AUDIENCE'],
    schema: z.string().refine(isIssuer, 'must be an https URL without query or fragment (http only on this machine)'),
    description: "this server's own URI, which access tokens must name as their audience",
    example: 'https://mcp.example.com/mcp',
    http: true,
  },
  {
    key: 'authScopes',
    flag: '--auth-scopes <names>',
    env: ['WAXSEAL_AUTH_SCOPES'],
    schema: z
      .string()
      .regex(/^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+(,[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+)*$/, 'must be scopes separated by commas')
      .transform((text) => text.split(',')),
    description: 'scopes that every access token must have, separated by commas (default: none)',
    example: 'research',
    http: true,
  },
  {
    key: 'rateLimit',
    flag: '--rate-limit <number>',
    env: ['WAXSEAL_RATE_LIMIT'],
    schema: wholeNumber(0, 100_000_000),
    default: '60000',
    description:
      'requests a minute, per caller where there is authorization and per address otherwise; 0 for no limit. Counted by each process for itself',
    example: '6000',
    http: true,
  },
  {
    key: 'maxConnections',
    flag: '--max-connections <number>',
    env: ['WAXSEAL_MAX_CONNECTIONS'],
    schema: wholeNumber(1, 1_000_000),
    default: '10000',
    description: 'connections at one time; more are refused',
    example: '1000',
    http: true,
  },
  {
    key: 'trustProxy',
    flag: '--trust-proxy <addresses>',
    env: ['WAXSEAL_TRUST_PROXY'],
    schema: z
      .string()
      .transform((text) => text.split(',').map((range) => range.trim()))
      .refine((ranges) => ranges.every(isAddressRange), 'must be IP addresses or ranges, separated by commas'),
    description: 'proxies whose X-Forwarded-For tells the address of a caller (default: none)',
    example: '10.0.0.0/8',
    http: true,
  },
  {
    key: 'inspect',
    flag: '--inspect',
    env: ['WAXSEAL_INSPECT'],
    schema: yesOrNo,
    description: 'serve the inspector page at /inspect (default: it is not served)',
    example: 'true',
    http: true,
  },
  {
    key: 'audience',
    flag: '--audience <name>',
    env: ['WAXSEAL_AUDIENCE'],
    schema: z.string().min(1, 'must be 1 to 256 characters').max(256, 'must be 1 to 256 characters'),
    description: 'deployment that handles are issued for and taken from (default: any that shares the ring)',
    example: 'production',
  },
  {
    key: 'notBefore',
    flag: '--not-before <time>',
    env: ['WAXSEAL_NOT_BEFORE'],
    schema: z.iso
      .datetime({ offset: true, error: 'must be a time in ISO 8601 with its zone' })
      .transform((time) => Math.ceil(Date.parse(time) / 1000)),
    description: 'refuse every handle issued before a moment (default: none is refused for its age before it expires)',
    example: '2026-07-28T12:00:00Z',
  },
  {
    key: 'maxHandleLength',
    flag: '--max-handle-length <characters>',
    env: ['WAXSEAL_MAX_HANDLE_LENGTH'],
    schema: wholeNumber(4_096, 65_536),
    default: '8192',
    description: 'longest handle that is made or read, in characters',
    example: '16384',
  },
  {
    key: 'tools',
    flag: '--tools <mode>',
    env: ['WAXSEAL_TOOLS'],
    schema: z.enum(['all', 'search', 'auto'], 'must be one of all, search, auto'),
    default: 'auto',
    description: 'how tools are listed: all; three that find and call the others (search); or search where the list would be long (auto)',
    example: 'search',
  },
  {
    key: 'logLevel',
    flag: '--log-level <level>',
    env: ['WAXSEAL_LOG_LEVEL'],
    schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
    default: 'info',
    description: 'least severe lines that are logged',
    example: 'debug',
  },
];
