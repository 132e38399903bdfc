/** Every setting of a server: what it is called, what it takes, and what is said of it in `--help` and in errors. */
import * as z from 'zod';
import { unwrappedRing } from '../../keys/index.ts';
import { isIdentifierUrl } from '../app/loopback.ts';
import { canonicalNames, isName } from '../app/names.ts';
import { hostnames, isAddressRange, isAudience, listed, NOT_NAMES, wholeNumber, yesOrNo } from './values.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is said of a setting. */
interface Description {
  /** As commander writes it, with its placeholder. Absent: environment only. */
  readonly flag?: string;
  /** Environment variables, the first that is set wins. */
  readonly env: readonly string[];
  readonly description: string;
  readonly example: string;
}

const descriptions = z.registry<Description>();

/** All settings, as texts go in and values come out. Every one may be left out. */
export const Settings = z.object({
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'must be an IP address or a hostname')
    .prefault('127.0.0.1')
    .register(descriptions, {
      flag: '--host <address>',
      env: ['WAXSEAL_HOST'],
      description: 'address to listen on',
      example: '0.0.0.0',
    }),
  port: wholeNumber(0, 65_535)
    .prefault('3000')
    .register(descriptions, {
      flag: '--port <number>',
      env: ['WAXSEAL_PORT', 'PORT'],
      description: 'port to listen on; 0 takes a free one',
      example: '8080',
    }),
  keysFile: z
    .string()
    .min(1, 'must be the path of a key ring')
    .optional()
    .register(descriptions, {
      flag: '--keys <file>',
      env: ['WAXSEAL_KEYS_FILE'],
      description: 'key ring, a JWK Set in a file (default: a development ring, made in keys/ on first start)',
      example: '/run/secrets/ring.jwks',
    }),
  keys: z
    .string()
    .min(1, 'must be a key ring')
    .transform(unwrappedRing)
    .optional()
    .register(descriptions, {
      env: ['WAXSEAL_KEYS'],
      description: 'key ring, the JWK Set itself as text; in quotes or in base64, too',
      example: '{"keys":[...]}',
    }),
  allowAnonymous: yesOrNo.prefault('false').register(descriptions, {
    flag: '--allow-anonymous',
    env: ['WAXSEAL_ALLOW_ANONYMOUS'],
    description: 'serve callers without authorization beyond this machine, or behind a proxy; handles then open for whoever holds them',
    example: 'true',
  }),
  allowedHosts: hostnames.optional().register(descriptions, {
    flag: '--allowed-hosts <names>',
    env: ['WAXSEAL_ALLOWED_HOSTS'],
    description:
      "hostnames in Host that are served, *.example.com for all below one, separated by commas (default: on loopback this machine's own, else any)",
    example: 'mcp.example.com',
  }),
  allowedOrigins: listed
    .refine((names) => !names.includes('null'), 'must not be null, which any web page can send as its Origin')
    .pipe(z.array(z.string()).refine((names) => names.every(isName), NOT_NAMES))
    .transform(canonicalNames)
    .optional()
    .register(descriptions, {
      flag: '--allowed-origins <names>',
      env: ['WAXSEAL_ALLOWED_ORIGINS'],
      description: "hostnames in Origin that are served, separated by commas (default: as --allowed-hosts, else this machine's own)",
      example: 'app.example.com',
    }),
  authIssuer: z
    .string()
    .refine(isIdentifierUrl, 'must be an https URL without query or fragment (http only on this machine)')
    .optional()
    .register(descriptions, {
      flag: '--auth-issuer <url>',
      env: ['WAXSEAL_AUTH_ISSUER'],
      description: 'require access tokens of this authorization server, for the audience that is named too (default: anonymous callers)',
      example: 'https://login.example.com/',
    }),
  authAudience: z
    .string()
    .transform((text) => text.split(',').map((audience) => audience.trim()))
    .refine((audiences) => audiences.every(isAudience), 'must be URIs or names without spaces, separated by commas')
    .optional()
    .register(descriptions, {
      flag: '--auth-audience <uri>',
      env: ['WAXSEAL_AUTH_AUDIENCE'],
      description:
        "what access tokens must name as their audience, one of several separated by commas: this server's own URI, or what the authorization server calls it (a GUID, api://…)",
      example: 'https://mcp.example.com/mcp',
    }),
  authResource: z
    .string()
    .refine(isIdentifierUrl, 'must be an https URL without query or fragment (http only on this machine)')
    .optional()
    .register(descriptions, {
      flag: '--auth-resource <url>',
      env: ['WAXSEAL_AUTH_RESOURCE'],
      description: "this server's own URI, as its metadata tell it to clients (default: the first audience that is an https URL)",
      example: 'https://mcp.example.com/mcp',
    }),
  authAcceptClientId: yesOrNo.optional().register(descriptions, {
    flag: '--auth-accept-client-id',
    env: ['WAXSEAL_AUTH_ACCEPT_CLIENT_ID'],
    description: 'take access tokens without an audience whose client_id is one of the audiences (default: they are refused)',
    example: 'true',
  }),
  authScopes: z
    .string()
    .regex(/^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+(,[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+)*$/, 'must be scopes separated by commas')
    .transform((text) => text.split(','))
    .optional()
    .register(descriptions, {
      flag: '--auth-scopes <names>',
      env: ['WAXSEAL_AUTH_SCOPES'],
      description: 'scopes that every access token must have, separated by commas (default: none)',
      example: 'research',
    }),
  rateLimit: wholeNumber(0, 100_000_000)
    .prefault('60000')
    .register(descriptions, {
      flag: '--rate-limit <number>',
      env: ['WAXSEAL_RATE_LIMIT'],
      description:
        'requests a minute, per caller where there is authorization and per address otherwise; 0 for no limit. Counted by each process for itself',
      example: '6000',
    }),
  maxConnections: wholeNumber(1, 1_000_000)
    .prefault('10000')
    .register(descriptions, {
      flag: '--max-connections <number>',
      env: ['WAXSEAL_MAX_CONNECTIONS'],
      description: 'connections at one time; more are refused',
      example: '1000',
    }),
  trustProxy: z
    .string()
    .transform((text) => text.split(',').map((range) => range.trim()))
    .refine((ranges) => ranges.every(isAddressRange), 'must be IP addresses or ranges, separated by commas')
    .optional()
    .register(descriptions, {
      flag: '--trust-proxy <addresses>',
      env: ['WAXSEAL_TRUST_PROXY'],
      description: 'proxies whose X-Forwarded-For tells the address of a caller (default: none)',
      example: '10.0.0.0/8',
    }),
  inspect: yesOrNo.optional().register(descriptions, {
    flag: '--inspect',
    env: ['WAXSEAL_INSPECT'],
    description: 'serve the inspector page at /inspect (default: it is not served)',
    example: 'true',
  }),
  audience: z
    .string()
    .min(1, 'must be 1 to 256 characters')
    .max(256, 'must be 1 to 256 characters')
    .optional()
    .register(descriptions, {
      flag: '--audience <name>',
      env: ['WAXSEAL_AUDIENCE'],
      description: 'deployment that handles are issued for and taken from (default: any that shares the ring)',
      example: 'production',
    }),
  notBefore: z.iso
    .datetime({ offset: true, error: 'must be a time in ISO 8601 with its zone' })
    .transform((time) => Math.ceil(Date.parse(time) / 1000))
    .optional()
    .register(descriptions, {
      flag: '--not-before <time>',
      env: ['WAXSEAL_NOT_BEFORE'],
      description: 'refuse every handle issued before a moment (default: none is refused for its age before it expires)',
      example: '2026-07-28T12:00:00Z',
    }),
  maxLength: wholeNumber(4_096, 65_536)
    .prefault('8192')
    .register(descriptions, {
      flag: '--max-handle-length <characters>',
      env: ['WAXSEAL_MAX_HANDLE_LENGTH'],
      description: 'longest handle that is made or read, in characters',
      example: '16384',
    }),
  handleIn: z
    .enum(['both', 'text', 'structured'], 'must be one of both, text, structured')
    .prefault('both')
    .register(descriptions, {
      flag: '--handle-in <view>',
      env: ['WAXSEAL_HANDLE_IN'],
      description: 'where answers say the handle, for hosts that are known to show a model only the text, or only the structured content',
      example: 'text',
    }),
  tools: z
    .enum(['all', 'search', 'auto'], 'must be one of all, search, auto')
    .prefault('auto')
    .register(descriptions, {
      flag: '--tools <mode>',
      env: ['WAXSEAL_TOOLS'],
      description: 'how tools are listed: all; three that find and call the others (search); or search where the list would be long (auto)',
      example: 'search',
    }),
  logLevel: z
    .enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`)
    .prefault('info')
    .register(descriptions, {
      flag: '--log-level <level>',
      env: ['WAXSEAL_LOG_LEVEL'],
      description: 'least severe lines that are logged',
      example: 'debug',
    }),
});

/** What a server is told at start. */
export type Config = Readonly<z.output<typeof Settings>>;

/** The settings of a server without a socket. */
export const StdioSettings = Settings.pick({
  keysFile: true,
  keys: true,
  audience: true,
  notBefore: true,
  maxLength: true,
  handleIn: true,
  tools: true,
  logLevel: true,
});

export type StdioConfig = Readonly<z.output<typeof StdioSettings>>;

/** The settings that name a key ring. */
export const RingSettings = Settings.pick({ keysFile: true, keys: true });

/** One setting, with all that is said of it. */
export interface Setting extends Description {
  readonly key: string;
  readonly schema: z.ZodType;
  /** As one would write it. Absent: without the setting, nothing is assumed. */
  readonly default?: string;
}

/** Settings one by one, in the order of `--help`. @throws {TypeError} where nothing is said of one */
export function settingsOf({ shape }: z.ZodObject): readonly Setting[] {
  return Object.entries(shape).map(([key, schema]) => {
    const description = schema instanceof z.ZodType ? descriptions.get(schema) : undefined;
    if (description === undefined) throw new TypeError(`nothing is said of the setting ${key}`);
    const text = schema instanceof z.ZodPrefault ? String(schema.def.defaultValue) : undefined;
    return { key, schema, ...description, ...(text !== undefined && { default: text }) };
  });
}

/** All settings, one by one. */
export const SETTINGS = settingsOf(Settings);
